"""The chain for asyncio: one thread reads the items, signs and writes."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, Self, TypeVar

from edge.evidence.chain_file import ChainFile
from edge.evidence.opening import Opened

P = ParamSpec("P")
T = TypeVar("T")


class Chain:
    """Safe to call from any task of one event loop. A call that was begun is finished, whatever becomes of its
    caller: so it is whole when `close` returns."""

    def __init__(self, make: Callable[[], Opened]) -> None:
        self._make = make
        self._thread = ThreadPoolExecutor(1, "evidence")
        self._opened: Opened | None = None

    async def __aenter__(self) -> Self:
        """Raises edge.store.StoreError, KeyTrouble, OSError."""
        try:
            self._opened = await self.call(self._make)
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        closing = asyncio.ensure_future(self.call(self.file.close))
        await asyncio.wait([closing])  # the thread's earlier work comes first
        self._thread.shutdown(wait=False)

    @property
    def file(self) -> ChainFile:
        """For `call` alone."""
        assert self._opened is not None, "not open"
        return self._opened.file

    @property
    def opened(self) -> Opened:
        assert self._opened is not None, "not open"
        return self._opened

    async def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        def call() -> T:
            return work(*args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._thread, call)
