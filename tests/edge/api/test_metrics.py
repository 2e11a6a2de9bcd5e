"""What dashboards and alerts ask for is what the box tells."""

import json
import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from edge.accounts.roles import Act, Role
from edge.api.samples import Sample
from edge.worker.messages import CameraCounts, CameraStatus
from streams.problem import Problem, Text
from streams.reader import CameraState
from tests.support.consoles import api_box

CONFIG = Path(__file__).parents[3] / "config"
_NAMES = re.compile(r"\bsandwatch_\w+")


async def test_what_is_told_is_right_and_what_is_asked_for_is_told(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        status, watch = box.parts.status, box.parts.watch
        status.camera(CameraStatus(camera="gate", state=CameraState.LIVE))
        for second in range(5):
            status.counts["gate"] = CameraCounts(
                pictures=25 * second, analysed=5 * second, dropped=0, reconnects=2
            )
            watch.look(float(second))
        status.problem("x", Problem("x.y", Text('"a"\n', "无"), Text("b", "等")), camera='od"d\n')
        vitals = ("cpu", "memory", "disk", "celsius", "waiting", "waiting_s")
        box.parts.samples.add(Sample(1.0, dict.fromkeys(vitals, 0.25), {}))
        headers = {"Authorization": f"Bearer {await box.bearing(Role.VIEWER, Act.METRICS)}"}
        answer = await box.stranger().get("/metrics", headers=headers)
    told = {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert told["sandwatch_camera_up", ("gate",)] == 1
    assert told["sandwatch_camera_up", ("pit",)] == 0
    assert told["sandwatch_camera_fps", ("gate",)] == 25
    assert told["sandwatch_camera_pictures_total", ("gate",)] == 100
    assert told["sandwatch_trouble", ('od"d\n', "x.y", "x")] == 1
    assert told["sandwatch_cpu_ratio", ()] == 0.25
    names = {name for name, _ in told}
    alerts = (CONFIG / "alerts.yaml").read_text()
    board = json.loads((CONFIG / "grafana" / "sandwatch.json").read_text())
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    asked = {name for text in (*queries, *re.findall(r"expr: (.*)", alerts)) for name in _NAMES.findall(text)}
    assert len(asked) >= 7
    assert asked <= names


async def test_pictures_of_a_worker_that_was_started_anew_are_not_counted_backwards(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        watch = box.parts.watch
        for second, pictures in enumerate((1000, 1010, 3, 13)):
            box.parts.status.counts["gate"] = CameraCounts(
                pictures=pictures, analysed=0, dropped=0, reconnects=0
            )
            watch.look(float(second))
        assert watch.fps("gate") == 10
        assert watch.fps("pit") is None
