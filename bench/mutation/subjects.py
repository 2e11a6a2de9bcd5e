"""What is broken, and the tests that have to notice: those beside it, seconds long."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """modules: file -> its tests, the likeliest to notice first; paths from the root of the repository."""

    name: str
    modules: Mapping[str, tuple[str, ...]]


def _inference(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/inference/test_{name}.py" for name in names)


_FLOOR = tuple(f"tests/relay/test_floor{part}.py" for part in ("", "_priority", "_machine"))
_OUTBOX = tuple(f"tests/edge/test_outbox{part}.py" for part in ("_file", "_room", "_consumer", "_machine"))
_EVIDENCE = tuple(
    f"tests/edge/evidence/test_{part}.py" for part in ("canonical", "entries", "verify", "tamper")
)

SUBJECTS = (
    Subject(
        "floor",
        {
            "relay/floor.py": _FLOOR,
            "relay/floor_queue.py": _FLOOR,
            "relay/floor_words.py": ("tests/relay/test_floor_words.py",),
        },
    ),
    Subject(
        "rules",
        {
            "inference/rules/zone.py": _inference("zone", "rules_cost"),
            "inference/rules/working.py": _inference("working", "rules_cost"),
            "inference/rules/crossing.py": _inference("crossing", "rules_cost"),
            "inference/rules/convoy.py": _inference("convoy", "rules_cost"),
            "inference/rules/count.py": _inference("count", "rules_cost"),
            "inference/arrivals.py": _inference("crossing", "convoy", "count", "rules_cost"),
            "inference/stays.py": _inference("zone", "working", "rules_cost"),
            "inference/steady.py": _inference("steady", "zone", "count", "rules_cost"),
            "inference/grouping.py": _inference("grouping", "rules_cost"),
        },
    ),
    Subject(
        "outbox",
        {
            "edge/outbox_ledger.py": _OUTBOX,
            "edge/outbox_notes.py": ("tests/edge/test_outbox_notes.py", *_OUTBOX),
            "edge/outbox_room.py": _OUTBOX,
        },
    ),
    Subject(
        "chain",
        {
            "edge/evidence/canonical.py": _EVIDENCE[:1],
            "edge/evidence/hashes.py": _EVIDENCE[1:],
            "edge/evidence/entries.py": _EVIDENCE,
            "edge/evidence/audit.py": _EVIDENCE[1:],
            "edge/evidence/contents.py": ("tests/edge/evidence/test_contents.py", *_EVIDENCE[2:]),
        },
    ),
    Subject(
        "geometry",
        {
            "inference/geometry.py": _inference("geometry"),
            "inference/lines.py": _inference("lines", "crossing", "rules_cost"),
            "inference/terrain/homography.py": (
                "tests/inference/terrain/test_homography.py",
                "tests/inference/terrain/test_calibration.py",
            ),
        },
    ),
)
