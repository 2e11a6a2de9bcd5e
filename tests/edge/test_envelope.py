import hashlib
import json
import re
import uuid
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.envelope import CloudEvent, ModelRef, Occurrence, Proof, as_replay, new_event_id, occurrence, seal
from edge.site_id import SiteId
from edge.wire import rfc3339
from inference.findings import Count, Direction, Finding, Phase, Severity, Sighting, Whistle

SITE = SiteId("410000", "410100", "410122", "yanming-lake")
NOON = 1_748_779_200.25  # 2025-06-01T12:00:00.250Z


def finding(phase: Phase = Phase.NEW, reason: str | None = None) -> Finding:
    truck = Sighting(7, "heavy_vehicle", 0.87654, (0.123456, 0.2, 0.3, 0.4))
    return Finding(
        type="vehicle.zone",
        phase=phase,
        key="7",
        rule="night",
        zone="gate",
        severity=Severity.HIGH,
        whistle=Whistle.QUICK,
        objects=(truck,),
        since=NOON - 5,
        time=NOON,
        reason=reason,
    )


def sealed(camera: str = "gate") -> dict[str, object]:
    proof = Proof.of("snapshot", "2025/06/01/a.jpg", b"jpeg")
    seen = occurrence(camera, finding(), "case", 0, proof=(proof,), model=ModelRef(name="m", sha256="00"))
    loaded = json.loads(seal(SITE, "boot", seen, 41).payload)
    assert isinstance(loaded, dict)
    return loaded


def test_the_event_on_the_wire_is_the_documented_one() -> None:
    assert sealed() == {
        "specversion": "1.0",
        "id": "case/0",
        "source": "/sandwatch/410000/410100/410122/yanming-lake/gate",
        "type": "vehicle.zone",
        "subject": "gate",
        "time": "2025-06-01T12:00:00.250Z",
        "datacontenttype": "application/json",
        "data": {
            "schema": "sandwatch/v1",
            "seq": 41,
            "boot_id": "boot",
            "event_id": "case",
            "phase": "new",
            "severity": "high",
            "whistle": "quick",
            "camera": "gate",
            "zone": "gate",
            "rule": "night",
            "since": "2025-06-01T11:59:55.250Z",
            "reason": None,
            "objects": [
                {
                    "track": 7,
                    "label": "heavy_vehicle",
                    "score": 0.877,
                    "box": [0.1235, 0.2, 0.3, 0.4],
                    "attributes": {},
                }
            ],
            "counts": [],
            "proof": [
                {
                    "kind": "snapshot",
                    "uri": "2025/06/01/a.jpg",
                    "bytes": 4,
                    "sha256": hashlib.sha256(b"jpeg").hexdigest(),
                }
            ],
            "conditions": [],
            "proof_error": None,
            "model": {"name": "m", "sha256": "00"},
            "clock": {"source": "system", "offset_ms": None, "synchronised": None},
            "pose": None,
            "change": None,
            "geo": None,
            "sigma_m": None,
            "area_m2": None,
            "area_sigma_m2": None,
            "area_withheld": None,
            "parcels": None,
            "replayed": False,
            "respond": None,
            "muted": False,
        },
    }


def test_what_else_is_known_of_an_object_and_the_counts_are_told() -> None:
    known: dict[str, str | float] = {
        "load": "covered",
        "speed_kmh": 31.41592,
        "plate": "豫A12345",
        "plate_score": 0.91,
    }
    truck = replace(finding().objects[0], attributes=known)
    counts = (Count("truck", 4, Direction.IN), Count("truck", 2, Direction.OUT), Count("car", 9))
    convoy = replace(finding(), type="vehicle.convoy", objects=(truck,), counts=counts)
    seen = occurrence("gate", convoy, "case", 0)
    assert Occurrence.model_validate_json(seen.model_dump_json()) == seen
    data = json.loads(seal(SITE, "boot", seen, 1).payload)["data"]
    assert data["objects"][0]["attributes"] == {**known, "speed_kmh": 31.416}
    assert data["counts"] == [
        {"label": "truck", "number": 4, "direction": "in"},
        {"label": "truck", "number": 2, "direction": "out"},
        {"label": "car", "number": 9, "direction": None},
    ]


def test_context_attributes_keep_to_the_cloudevents_alphabet() -> None:
    assert all(re.fullmatch("[a-z0-9]+", name) for name in sealed())


def test_a_reader_accepts_fields_it_does_not_know_yet() -> None:
    event = sealed()
    event["newcomer"] = 1
    assert CloudEvent.model_validate(event).data.seq == 41


def test_an_occurrence_survives_the_process_border() -> None:
    seen = occurrence("gate", finding(Phase.END, "left"), "case", 3)
    assert Occurrence.model_validate_json(seen.model_dump_json()) == seen
    assert seen.id == "case/3"


def test_the_end_of_an_orphan_carries_the_case_but_no_stale_proof() -> None:
    proof = Proof.of("snapshot", "a.jpg", b"jpeg")
    end = occurrence("gate", finding(), "case", 3, proof=(proof,)).ended("worker_lost", NOON + 60)
    assert (end.id, end.phase, end.reason, end.time) == ("case/4", Phase.END, "worker_lost", NOON + 60)
    assert (end.zone, end.since, end.proof) == ("gate", NOON - 5, ())


def test_a_replay_differs_in_nothing_but_the_mark() -> None:
    seen = occurrence("大门", finding(), "case", 0)
    payload = seal(SITE, "boot", seen, 1).payload
    replay = json.loads(as_replay(payload))
    assert replay["data"].pop("replayed") is True
    live = json.loads(payload)
    assert live["data"].pop("replayed") is False
    assert replay == live


def test_topics() -> None:
    assert SITE.event_topic("vehicle.zone", "gate") == (
        "sandwatch/v1/410000/410100/410122/yanming-lake/ev/vehicle.zone/gate"
    )
    assert SITE.birth_topic() == "sandwatch/v1/410000/410100/410122/yanming-lake/birth"


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_camera_name_breaks_or_blurs_a_topic(one: str, other: str) -> None:
    topics = [SITE.event_topic("vehicle.zone", name) for name in (one, other)]
    assert all(topic.count("/") == 8 and not set(topic) & set("+#\0") for topic in topics)
    assert (topics[0] == topics[1]) == (one == other)


def test_a_chinese_name_stays_readable_in_the_topic_and_legal_in_the_uri() -> None:
    assert SITE.event_topic("vehicle.zone", "大门").endswith("/大门")
    assert SITE.source("大门").isascii()


@given(st.floats(min_value=0, max_value=4e9))
def test_times_are_utc_with_milliseconds(seconds: float) -> None:
    text = rfc3339(seconds)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    assert datetime.fromisoformat(text).timestamp() == pytest.approx(seconds, abs=0.001)


@given(st.integers(min_value=0, max_value=2**41))
def test_event_ids_are_version_7_and_sort_by_time(milliseconds: int) -> None:
    now, later = new_event_id(milliseconds / 1000), new_event_id((milliseconds + 1500) / 1000)
    assert uuid.UUID(now).version == 7
    assert uuid.UUID(now).variant == uuid.RFC_4122
    assert now < later


def test_event_ids_of_one_moment_differ() -> None:
    assert len({new_event_id(NOON) for _ in range(1000)}) == 1000
