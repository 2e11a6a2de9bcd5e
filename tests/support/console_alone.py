"""A console with one account, in a process of its own: `python -m tests.support.console_alone FOLDER`. Says its port."""

import asyncio
import sys
from functools import partial
from pathlib import Path

from edge import logs, web
from edge.accounts.roles import Role
from edge.settings.web import HttpSettings
from tests.support.consoles import api_box
from tests.support.ports import free_port

NAME = "wang"


def said(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


async def serve(folder: Path, patience: float) -> None:
    """patience: s for a request to arrive whole."""
    logs.configure("error")
    web._REQUEST = patience
    async with api_box(folder) as box:
        await box.add(NAME, Role.ADMIN)
        http = HttpSettings(listen=f"127.0.0.1:{free_port()}")
        await web.WebService(http, box.app, partial(said, http.port)).run()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), float(sys.argv[2])))
