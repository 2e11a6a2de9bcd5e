"""What the daemon is given: the parts fitted to a checked site."""

import asyncio
from pathlib import Path

from edge.fleet import Fleet
from edge.orders.fitting import fitted
from edge.settings.loader import load_text
from edge.status import Status
from streams.problem import Problem, Text
from tests.edge.settings.documents import GOOD
from tests.support.occurrences import message
from tests.support.ordering import asked, last, working


async def test_the_status_tells_what_is_wrong_and_a_mute_marks_events(tmp_path: Path) -> None:
    site = load_text(f"storage: {{path: {tmp_path}}}\n{GOOD}", "x").site
    status = Status("en")
    status.problem("disk", Problem("disk.full", Text("full", "满"), Text("make room", "清理")), camera="gate")
    fleet = Fleet(())
    fleet._number["gate"] = 0
    parts = fitted(site, fleet, status, "boot", "1.2.3", online=asyncio.Event())
    event = message("case", rule="zone")
    assert parts.extra(event) == {}
    async with working(parts.orders):
        told = (await last(parts.orders, "status", asked())).result["status"]
        assert (told["boot_id"], told["version"], told["link"]["state"]) == ("boot", "1.2.3", "connecting")
        assert [(one["camera"], one["code"]) for one in told["troubles"]] == [("gate", "disk.full")]
        order = asked(camera="gate", rule="zone")
        muted = await last(parts.orders, "mute", {**order, "until": order["expires"]})
        assert muted.state == "done", muted
        assert parts.extra(event) == {"muted": True}
        assert parts.extra(message("case", rule="night")) == {}
