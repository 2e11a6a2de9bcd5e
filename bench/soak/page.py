"""python -m bench.soak.page FILE: the table of docs/failures.md, of what `python -m bench.soak --json FILE` measured."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.soak.schedule import Kind

_CAMERA = "`camera.offline` from 30 s without pictures on, with its `end` when they are back"
_BROKER = "`birth` says offline (last will); then what waited, in order"
_CENTRE = {
    Kind.RESET: "nothing",
    Kind.STALL: _CAMERA,
    Kind.GARBLED: "`camera.tampered` (`covered`) where nothing can be made out any more",
    Kind.BLANK: _CAMERA,
    Kind.POWER: _CAMERA,
    Kind.BROKER_CUT: _BROKER,
    Kind.BROKER_STALL: _BROKER,
    Kind.BROKER_KILLED: "nothing while it is dead; then what waited, in order; what died with it comes again after a minute",
    Kind.WORKER: "open events end with `worker_lost`",
    Kind.DISK: "events without files, which say so in `proof_error`; or late ones",
    Kind.CLOCK: "`site.clock`, there and back",
    Kind.RELOAD: "open events of that camera end with `changed`",
}


def table(told: Mapping[str, Any]) -> str:
    """Of the JSON document of a run, as Markdown."""
    rows = [
        "| fault | times | the technician reads | after | over again after | the centre sees |",
        "|---|---|---|---|---|---|",
    ]
    for each in told["faults"]:
        words = ", ".join(f"`{word}`" for word in each["words"][:3]) or "nothing"
        said = f" ({each['said']} of {each['times']})" if 0 < each["said"] < each["times"] else ""
        cells = (
            each["fault"],
            str(each["times"]),
            words + said,
            _spread(each["seen_s"]),
            _spread(each["back_s"]),
            _CENTRE[Kind(each["fault"])],
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _spread(spread: Mapping[str, float] | None) -> str:
    return "-" if spread is None else f"{spread['median']} s (at most {spread['max']} s)"


if __name__ == "__main__":
    print(table(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
