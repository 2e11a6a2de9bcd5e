"""Our sender: outbox and publisher. python -m bench.outage.ours PORT FOLDER FIRST LAST RATE HOURS

Prints the number of each event once it is committed, and "empty" once the centre has acknowledged all of them.
rate: events/s; 0: as fast as they are committed. hours: of the outbox's own time that pass meanwhile.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

from edge.cases.words import Received, read
from edge.envelope import Occurrence, seal
from edge.mqtt import BrokerAddress
from edge.outbox import Outbox
from edge.outbox_room import Limits
from edge.presence import Birth
from edge.publisher import Publisher
from edge.site_id import SiteId
from inference.findings import Phase, Severity

_SITE = SiteId("410000", "410100", "410122", "bench")
_TOGETHER = 200


def event(number: int) -> Occurrence:
    now = time.time()
    return Occurrence(
        type="vehicle.zone",
        event_id=f"e{number}",
        n=0,
        phase=Phase.NEW,
        severity=Severity.HIGH,
        camera="gate",
        rule="zone",
        since=now,
        time=now,
    )


async def opened(
    path: Path, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic
) -> Outbox:
    return await Outbox.open(
        path, lambda one, seq: seal(_SITE, "bench", one, seq), "bench", limits, ticks=clock
    )


async def hear(_event_id: str, payload: bytes) -> Received | None:
    word = read(payload)
    return word if isinstance(word, Received) else None


class FastClock:
    """s: real time, and `hours` spread over the events."""

    def __init__(self, hours: float, events: int) -> None:
        self._each, self.passed = hours * 3600 / events, 0

    def __call__(self) -> float:
        return time.monotonic() + self.passed * self._each


async def main(port: int, folder: Path, first: int, last: int, rate: float, hours: float) -> None:
    clock = FastClock(hours, last)
    outbox = await opened(folder / "outbox.sqlite", clock=clock)
    birth = Birth(boot_id="bench", version="0", time="")
    address = BrokerAddress("127.0.0.1", port, client_id="ours", session=3600)
    publisher = Publisher(address, _SITE, outbox.consumer("centre"), birth, acknowledge="centre", hear=hear)
    sending = asyncio.create_task(publisher.run())
    begin, step = time.monotonic(), _TOGETHER if rate == 0 else 1
    for number in range(first, last, step):
        if rate:
            await asyncio.sleep(begin + (number - first) / rate - time.monotonic())
        some = range(number, min(number + step, last))
        await asyncio.gather(*(outbox.append(event(each)) for each in some))
        clock.passed = number
        print(*some, sep="\n", flush=True)
    while (await outbox.statistics()).pending:  # noqa: ASYNC110 (polled by nature)
        await asyncio.sleep(0.2)
    print("empty", flush=True)
    sending.cancel()
    await asyncio.wait([sending])
    await outbox.close()


if __name__ == "__main__":
    port, folder, first, last, rate, hours = sys.argv[1:]
    asyncio.run(main(int(port), Path(folder), int(first), int(last), float(rate), float(hours)))
