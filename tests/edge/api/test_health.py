"""How the box was: samples for plots, bounded; what the doctor says."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from edge.accounts.roles import Act, Role
from edge.api.samples import Sample, Sampler, Samples, Span, mean
from edge.outbox_file import Statistics
from edge.outbox_problems import OutboxError
from edge.vitals import Gauge
from edge.worker.messages import CameraCounts
from streams.problem import Problem, Text
from tests.support.consoles import ApiBox, api_box
from tests.support.occurrences import message


def sample(time: float, cpu: float | None = 0.5, fps: float | None = 25.0) -> Sample:
    cameras: dict[str, dict[str, float | None]] = {
        "gate": {"fps": fps, "stalls": 1.0},
        "pit": {"fps": 5.0, "stalls": 0.0},
    }
    return Sample(time, {"cpu": cpu, "waiting": 3.0}, cameras)


def sampler(box: ApiBox, waiting: Callable[[], Awaitable[Statistics]]) -> Sampler:
    parts = box.parts
    return Sampler(parts.samples, Gauge(box.storage), parts.status, parts.watch, waiting)


def test_an_hour_closely_and_a_day_in_means() -> None:
    samples = Samples()
    for number in range(400):
        samples.add(sample(10.0 * number, cpu=number / 1000))
    assert len(samples.over(Span.HOUR)) == 360
    assert samples.over(Span.HOUR)[0].time == 400
    day = samples.over(Span.DAY)
    assert [each.time for each in day] == [290.0 + 300 * number for number in range(13)]
    assert day[0].box["cpu"] == pytest.approx(0.0145)
    for number in range(30 * 300):
        samples.add(sample(4000 + 10.0 * number))
    assert len(samples.over(Span.DAY)) == 288


def test_a_mean_is_of_what_is_known() -> None:
    found = mean([sample(1, None, None), sample(2, 0.2, 10.0), sample(3, 0.4, None)])
    assert found.box["cpu"] == pytest.approx(0.3)
    assert (found.time, found.cameras["gate"]["fps"]) == (3, 10.0)
    assert mean([sample(1, None)]).box["cpu"] is None


async def test_what_is_sampled_is_what_is(tmp_path: Path) -> None:
    async with api_box(tmp_path, None, "away") as box:
        counts = CameraCounts(pictures=0, analysed=0, dropped=0, reconnects=0, stalls_per_hour=4)
        for second in range(3):
            box.parts.status.counts["gate"] = counts.model_copy(update={"pictures": 12 * second})
            box.parts.watch.look(float(second))
        await box.outbox.append(message("a"))
        found = await sampler(box, box.outbox.statistics).take()
    assert found.cameras == {"gate": {"fps": 12.0, "stalls": 4.0}}
    assert found.box["waiting"] == 1
    assert found.box["memory"] is not None


async def test_an_outbox_that_fails_is_not_known_and_the_rest_is(tmp_path: Path) -> None:
    async def fails() -> Statistics:
        raise OutboxError(Problem("outbox.x", Text("it fails", "故障"), Text("wait", "请等待")))

    async with api_box(tmp_path) as box:
        found = await sampler(box, fails).take()
    assert found.box["waiting"] is None
    assert found.box["disk"] is not None


async def test_samples_are_told_by_whose_cameras_they_are(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        for time in (10.0, 20.0):
            box.parts.samples.add(sample(time, fps=time))
        admin, viewer = await box.as_role(Role.ADMIN), await box.as_role(Role.VIEWER, "gate")
        told = (await admin.get("/api/v1/health/samples")).json()
        assert told["times"] == [10, 20]
        assert told["box"] == {"cpu": [0.5, 0.5], "waiting": [3, 3]}
        assert told["cameras"]["gate"] == {"fps": [10, 20], "stalls": [1, 1]}
        theirs = (await viewer.get("/api/v1/health/samples")).json()
        assert (theirs["box"], [*theirs["cameras"]]) == ({}, ["gate"])
        day = (await admin.get("/api/v1/health/samples", params={"span": "day"})).json()
        assert day["times"] == []
        assert (await admin.get("/api/v1/health/samples", params={"span": "year"})).status_code == 422


async def test_the_doctor_is_asked_by_technicians_who_see_all(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        technician = await box.as_role(Role.TECHNICIAN)
        lines = (await technician.get("/api/v1/health/doctor")).json()
        assert {"clock", "memory"} <= {line["check"] for line in lines}
        assert all(line["level"] in ("ok", "warn", "fail") and line["what"]["zh"] for line in lines)
        limited = {
            "Authorization": f"Bearer {await box.bearing(Role.ADMIN, *Act, cameras=frozenset({'gate'}))}"
        }
        assert (await box.stranger().get("/api/v1/health/doctor", headers=limited)).status_code == 403


async def test_metrics_tell_the_newest_sample(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        headers = {"Authorization": f"Bearer {await box.bearing(Role.VIEWER, Act.METRICS)}"}
        before = (await box.stranger().get("/metrics", headers=headers)).text
        assert "sandwatch_cpu_ratio" not in before
        box.parts.samples.add(sample(1))
        after = (await box.stranger().get("/metrics", headers=headers)).text
        assert "\nsandwatch_cpu_ratio 0.5\n" in after
        assert "\nsandwatch_outbox_waiting 3.0\n" in after
