import json
import subprocess
import sys
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from streams.kinds import UnknownKind, known, load
from streams.telemetry import spec
from streams.telemetry.feed import Feed, PoseDecoder
from streams.telemetry.spec import KINDS, TelemetrySpec

EXAMPLES: dict[str, dict[str, Any]] = {
    "klv": {},
    "mavlink": {"listen": "0.0.0.0:14550", "allow": ["10.8.0.0/16"]},
    "nmea": {"path": "/dev/ttyUSB0", "baud": 4800},
    "dji_osd": {"broker": "10.0.0.2:1883", "sn": "1ZNBJ8K00C00A1", "username": "box", "password": "hunter2"},
    "dji_srt": {"path": "DJI_0001.SRT", "zone": "Asia/Shanghai"},
}


def test_each_kind_has_an_example_here() -> None:
    assert set(known(KINDS)) == set(EXAMPLES)


@pytest.mark.parametrize("kind", known(KINDS))
def test_a_kind_exports_a_frozen_spec_and_a_builder(kind: str) -> None:
    module = load(KINDS, kind)
    assert issubclass(module.Spec, TelemetrySpec)
    assert get_args(module.Spec.model_fields["kind"].annotation) == (kind,)
    parsed = spec.parse({"kind": kind, **EXAMPLES[kind]})
    with pytest.raises(ValidationError, match="frozen"):
        parsed.kind = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError, match=r"[Ee]xtra"):
        spec.parse({"kind": kind, **EXAMPLES[kind], "no_such_key": 1})
    assert isinstance(spec.build(parsed, "uav"), Feed | PoseDecoder)
    assert parsed.book().at(0.0).pose is None
    json.dumps(module.Spec.model_json_schema())


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(UnknownKind) as caught:
        spec.parse({"kind": "mavlnk"})
    assert caught.value.suggestion == "mavlink"


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"kind": "nmea"}, "exactly one"),
        ({"kind": "nmea", "listen": "0.0.0.0:1", "path": "x"}, "exactly one"),
        ({"kind": "nmea", "listen": "14550"}, "host:port"),
        ({"kind": "mavlink", "listen": "0.0.0.0:99999"}, "host:port"),
        ({"kind": "dji_srt", "path": "x", "zone": "Mars/Olympus"}, "time zone"),
        ({"kind": "dji_srt", "path": "x", "zone": "../../etc/passwd"}, "time zone"),
        ({"kind": "dji_osd", "broker": "b:1883", "sn": "a/+/#"}, "sn"),
        ({"kind": "klv", "max_age": "0s"}, "greater than"),
    ],
)
def test_what_cannot_work_is_refused(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        spec.parse(settings)


def test_a_password_is_not_shown() -> None:
    parsed = spec.parse({"kind": "dji_osd", **EXAMPLES["dji_osd"]})
    with pytest.raises(ValidationError) as caught:
        spec.parse({"kind": "dji_osd", **EXAMPLES["dji_osd"], "tls": "maybe"})
    assert "hunter2" not in f"{parsed!r}{parsed.model_dump_json()}{caught.value}"


def test_a_library_is_imported_only_when_its_kind_is_used() -> None:
    script = (
        "import sys; from streams.telemetry import spec; spec.build(spec.parse({'kind': 'klv'}), 'uav');"
        "print([name for name in ('pynmeagps', 'pymavlink', 'paho') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
