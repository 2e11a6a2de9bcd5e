"""A process of its own, asked over its pipes: one JSON object per line, one answer per question."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

Handlers = Mapping[str, Callable[..., Awaitable[Any]]]

_LINE = 1 << 20  # bytes: an offer with all its candidates, many times over


class Child:
    """`python -m MODULE ARGUMENTS`, which calls `serve`."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, what: str, **how: Any) -> Any:
        """Raises RuntimeError if the process is gone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"what": what, "how": how}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{what}: the process is gone")
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._process.terminate()
        self._process.communicate()


async def serve(handlers: Handlers) -> None:
    """Until the input ends."""
    reader = asyncio.StreamReader(limit=_LINE)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        asked = json.loads(line)
        answer = await handlers[asked["what"]](**asked["how"])
        print(json.dumps(answer), flush=True)
