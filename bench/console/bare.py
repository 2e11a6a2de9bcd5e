"""The floor: python -m bench.console.bare PORT, sizes by path as JSON on standard input. Starlette on uvicorn, no
accounts, no lists, nothing but the bytes."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bench.console.clients import CHANGES

_BEAT = 15.0  # s, as ours


async def _told() -> AsyncIterator[str]:
    while True:
        yield ":\n\n"
        await asyncio.sleep(_BEAT)


async def _changes(_: Request) -> Response:
    return StreamingResponse(_told(), media_type="text/event-stream")


def main(port: int, sizes: dict[str, int]) -> None:
    bodies = {path: b"x" * size for path, size in sizes.items()}

    async def answer(request: Request) -> Response:
        return Response(bodies[request.url.path], media_type="application/json")

    routes = [Route(path, answer) for path in bodies]
    app = Starlette(routes=[Route(CHANGES, _changes), *routes])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", loop="uvloop", http="h11")


if __name__ == "__main__":
    main(int(sys.argv[1]), json.load(sys.stdin))
