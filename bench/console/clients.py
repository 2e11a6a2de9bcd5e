"""The people: python -m bench.console.clients URL COUNT SECONDS, the cookie in $SANDWATCH_COOKIE. Prints one JSON
object: {"ms": {path: [...]}, "bytes": {path: n}, "heard": [[id, s since 1970], ...], "failed": n}."""

import asyncio
import json
import os
import random
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field

import aiohttp

LISTS = ("/api/v1/events", "/api/v1/cases", "/api/v1/cameras", "/api/v1/status")
PAGES = ("/events", "/cases", "/cameras", "/console/words.js", "/console/style.css")
CHANGES = "/api/v1/changes"
_LISTS_EVERY, _PAGE_EVERY = 5.0, 20.0  # s
_PATIENCE = aiohttp.ClientTimeout(total=60, sock_read=60)


@dataclass
class Tally:
    ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    sizes: dict[str, int] = field(default_factory=dict)
    heard: list[tuple[str, float]] = field(default_factory=list)
    failed: int = 0


async def main(url: str, count: int, seconds: float) -> None:
    tally, chance = Tally(), random.Random(1)
    headers = {"Cookie": os.environ.get("SANDWATCH_COOKIE", "")}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(url, headers=headers, connector=connector, timeout=_PATIENCE) as session:
        people = [
            asyncio.create_task(work(session, tally, chance.random()))
            for _ in range(count)
            for work in (_listen, _ask, _browse)
        ]
        await asyncio.sleep(seconds)
        for task in people:
            task.cancel()
        await asyncio.gather(*people, return_exceptions=True)
    print(json.dumps({"ms": tally.ms, "bytes": tally.sizes, "heard": tally.heard, "failed": tally.failed}))


async def _ask(session: aiohttp.ClientSession, tally: Tally, start: float) -> None:
    await asyncio.sleep(start * _LISTS_EVERY)
    while True:
        for path in LISTS:
            await _get(session, path, tally)
        await asyncio.sleep(_LISTS_EVERY)


async def _browse(session: aiohttp.ClientSession, tally: Tally, start: float) -> None:
    await asyncio.sleep(start * _PAGE_EVERY)
    while True:
        for path in PAGES:
            await _get(session, path, tally)
        await asyncio.sleep(_PAGE_EVERY)


async def _get(session: aiohttp.ClientSession, path: str, tally: Tally) -> None:
    begin = time.perf_counter()
    try:
        async with session.get(path) as answer:
            body = await answer.read()
            good = answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        good, body = False, b""
    tally.failed += not good
    if good:
        tally.ms[path].append(1000 * (time.perf_counter() - begin))
        tally.sizes[path] = len(body)


async def _listen(session: aiohttp.ClientSession, tally: Tally, start: float) -> None:
    await asyncio.sleep(start)
    async with session.get(CHANGES, timeout=aiohttp.ClientTimeout(total=None)) as answer:
        tally.failed += answer.status != 200
        async for line in answer.content:
            if line.startswith(b"data: "):
                told = json.loads(line[6:])
                if isinstance(told, dict) and "id" in told:
                    tally.heard.append((str(told["id"]), time.time()))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
