"""Events, their files, cases and orders, as a console sees them."""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from edge.accounts.roles import Asker, Role
from edge.api import index
from edge.api.hub import Change, Hub
from edge.api.index import EventFile, Filter, Message
from edge.envelope import Occurrence, Proof
from inference.findings import Phase
from tests.support.consoles import ApiBox, api_box
from tests.support.occurrences import message

ONE, TWO = "0190d1c2-0000-7000-8000-00000000aaaa", "0190d1c2-0000-7000-8000-00000000bbbb"
JPEG = bytes(range(256)) * 8


def proved(storage: Path, uri: str = "evidence/gate/picture.jpg", case: str = ONE) -> Occurrence:
    if not uri.startswith("/") and ".." not in uri:
        path = storage / uri
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(JPEG)
    proof = Proof(kind="snapshot", uri=uri, size=len(JPEG), sha256=hashlib.sha256(JPEG).hexdigest())
    return message(case).model_copy(update={"proof": (proof,)})


async def listed(client: httpx.AsyncClient, **query: Any) -> list[str]:
    answer = await client.get("/api/v1/events", params=query)
    assert answer.status_code == 200, answer.text
    return [event["id"] for event in answer.json()["events"]]


async def two(box: ApiBox) -> None:
    """A case at the gate, and one at the pit."""
    await box.outbox.append(proved(box.storage))
    await box.outbox.append(message(TWO, camera="pit"))
    await box.outbox.append(message(ONE, 1, Phase.END))
    await box.indexed(3)


async def test_events_outlive_the_outbox_and_come_page_by_page(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        viewer = await box.as_role(Role.VIEWER)
        await two(box)
        await box.outbox.consumer("centre").acknowledge([1, 2, 3])
        assert await listed(viewer) == [f"{ONE}/1", f"{TWO}/0", f"{ONE}/0"]
        page = (await viewer.get("/api/v1/events", params={"most": 2})).json()
        assert await listed(viewer, before=page["before"]) == [f"{ONE}/0"]
        assert await listed(viewer, camera="pit") == [f"{TWO}/0"]
        assert await listed(viewer, phase="end") == [f"{ONE}/1"]
        assert await listed(viewer, type="vehicle.") == [f"{ONE}/1", f"{TWO}/0", f"{ONE}/0"]
        assert await listed(viewer, type="veh%") == []
        assert await listed(viewer, severity="high", camera="pit") == [f"{TWO}/0"]
        assert await listed(viewer, severity="low") == []
        assert await listed(viewer, since=2.5) == []
        cameras = (await viewer.get("/api/v1/cameras")).json()
        assert {each["name"]: each["last_event"] for each in cameras} == {
            "gate": "1970-01-01T00:00:02.000Z",
            "pit": "1970-01-01T00:00:02.000Z",
        }


async def test_who_is_limited_to_a_camera_learns_nothing_of_another(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        operator = await box.as_role(Role.OPERATOR, "pit")
        await two(box)
        assert await listed(operator) == [f"{TWO}/0"]
        assert await listed(operator, camera="gate") == []
        assert [each["name"] for each in (await operator.get("/api/v1/cameras")).json()] == ["pit"]
        assert set((await operator.get("/api/v1/status")).json()["cameras"]) == {"pit"}
        for path in (f"events/{ONE}", f"events/{ONE}/files/0", f"cases/{ONE}"):
            assert (await operator.get(f"/api/v1/{path}")).status_code == 404, path
        for path, body in (
            (f"cases/{ONE}/close", {"finding": "x"}),
            ("evidence/export", {"cases": [ONE]}),
        ):
            assert (await operator.post(f"/api/v1/{path}", json=body)).status_code == 404, path
        orders: tuple[tuple[str, dict[str, Any]], ...] = (
            ("orders/look", {"camera": "gate"}),
            ("orders/status", {}),
            ("evidence/export", {"since": 0}),
        )
        for path, fields in orders:
            assert (await operator.post(f"/api/v1/{path}", json=fields)).status_code == 403, path
        metrics = (await operator.get("/metrics")).text
        assert 'camera="pit"' in metrics
        assert "gate" not in metrics
        assert "sandwatch_link_up" not in metrics


async def test_a_file_is_served_by_ranges_with_its_type(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        viewer = await box.as_role(Role.VIEWER)
        await two(box)
        shown = (await viewer.get(f"/api/v1/events/{ONE}")).json()
        assert shown["files"] == [
            {"n": 0, "kind": "snapshot", "bytes": len(JPEG), "sha256": hashlib.sha256(JPEG).hexdigest()}
        ]
        whole = await viewer.get(f"/api/v1/events/{ONE}/files/0")
        assert whole.content == JPEG
        assert whole.headers["content-type"] == "image/jpeg"
        part = await viewer.get(f"/api/v1/events/{ONE}/files/0", headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, JPEG[10:20])
        assert (await viewer.get(f"/api/v1/events/{ONE}/files/1")).status_code == 404


@pytest.mark.parametrize(
    "uri",
    [
        "/etc/passwd",
        "evidence/../device.key",
        "device.key",
        "evidence/%2e%2e/device.key",
        "evidence/..\\device.key",
        "file:///etc/passwd",
        "evidence//etc/passwd",
        "evidence/link.jpg",
    ],
)
async def test_no_other_file_is_ever_served(tmp_path: Path, uri: str) -> None:
    """Even where a message itself was made to lie."""
    (tmp_path / "device.key").write_bytes(b"secret")
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "link.jpg").symlink_to(tmp_path / "device.key")
    async with api_box(tmp_path) as box:
        viewer = await box.as_role(Role.VIEWER)
        lying = proved(tmp_path, "evidence/gate/picture.jpg")
        lying = lying.model_copy(update={"proof": (lying.proof[0].model_copy(update={"uri": uri}),)})
        await box.outbox.append(lying)
        await box.indexed(1)
        answer = await viewer.get(f"/api/v1/events/{ONE}/files/0")
        assert answer.status_code == 404
        assert b"secret" not in answer.content


async def test_paths_in_the_address_lead_nowhere(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        viewer = await box.as_role(Role.VIEWER)
        for name in ("..", "..%2f..%2fdevice.key", "%2e%2e/device.key", "a%00b", "a%0d%0aX:y", "é"):
            for path in (f"/api/v1/events/{name}", f"/api/v1/events/{name}/files/0", f"/api/v1/cases/{name}"):
                answer = await viewer.get(path)
                assert answer.status_code in (404, 405, 422), path
                assert "x" not in answer.headers


async def test_a_name_cannot_write_headers(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        viewer = await box.as_role(Role.VIEWER)
        await box.outbox.append(proved(tmp_path, "evidence/门 口';é=.bin"))
        await box.indexed(1)
        answer = await viewer.get(f"/api/v1/events/{ONE}/files/0")
        assert answer.content == JPEG
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment; filename*=utf-8''%E9%97%A8")


async def test_a_case_is_closed_in_the_name_of_who_says_so(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        operator = await box.as_role(Role.OPERATOR)
        await two(box)
        async with asyncio.timeout(60):
            while len((await operator.get("/api/v1/cases")).json()) < 2:
                await asyncio.sleep(0.05)
        early = await operator.post(f"/api/v1/cases/{ONE}/evaluate", json={"grade": 5})
        assert early.status_code == 409
        assert early.json()["code"] == "case.not_evaluated"
        assert (await operator.post(f"/api/v1/cases/{ONE}/close", json={})).status_code == 422
        closed = await operator.post(f"/api/v1/cases/{ONE}/close", json={"finding": "a dog"})
        assert closed.status_code == 200
        assert [each["event_id"] for each in (await operator.get("/api/v1/cases")).json()] == [TWO]
        shown = (await operator.get(f"/api/v1/cases/{ONE}")).json()
        last = [step for step in shown["course"] if step["kind"] == "closed"][-1]
        assert (last["by"], last["finding"]) == ("user:operator", "a dog")


async def test_orders_go_the_way_of_all_orders(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        operator = await box.as_role(Role.OPERATOR)
        mute = {"id": "m1", "camera": "gate", "until": 4e9}
        done = await operator.post("/api/v1/orders/status", json={})
        assert (done.status_code, done.json()["state"]) == (200, "done")
        assert (await operator.post("/api/v1/orders/ptz", json={"camera": "gate"})).status_code == 403
        assert (await operator.post("/api/v1/orders/nothing", json={})).status_code == 409
        assert (await operator.post("/api/v1/orders/mute", json={**mute, "unknown": 1})).status_code == 409
        streamed = await operator.post(
            "/api/v1/orders/status", json={}, headers={"Accept": "text/event-stream"}
        )
        told = [line for line in streamed.text.splitlines() if line.startswith("event: ")]
        assert told == ["event: accepted", "event: done"]
        admin = await box.as_role(Role.ADMIN)
        audit = (await admin.get("/api/v1/audit", params={"who": "console:user:operator"})).json()
        assert {("ptz", "refused"), ("status", "done")} <= {
            (line["command"], line["outcome"]) for line in audit
        }


async def test_changes_come_as_they_happen_to_those_who_may_see_them() -> None:
    hub = Hub()
    pit = Asker("user:li", Role.VIEWER, frozenset({"pit"}))
    with hub.listening(pit) as listener:
        for camera in ("gate", "", "pit"):
            hub.tell(Change("event", camera, {}))
        assert listener.queue.get_nowait().camera == "pit"
        assert listener.queue.empty()
        for _ in range(1000):
            hub.tell(Change("event", "pit", {}))
        assert listener.lost
        assert listener.queue.qsize() == 256
    assert (hub.dropped, len(hub)) == (1, 0)


def test_the_list_is_bounded_and_a_repeat_is_once(tmp_path: Path) -> None:
    file = EventFile(tmp_path / "events.sqlite")
    rows = [Message(n, f"e/{n}", "e", "vehicle.zone", "gate", "new", 1.0, {}) for n in range(1, 101)]
    assert file.add(rows[:50], kept=30) == rows[:50]
    assert file.add(rows[40:], kept=30) == rows[50:]
    file.close()
    kept = index.listing(tmp_path / "events.sqlite", Filter(), None, 1000)
    assert [each.seq for each in kept] == list(range(100, 70, -1))


def test_a_step_of_a_case_belongs_to_its_camera(tmp_path: Path) -> None:
    file = EventFile(tmp_path / "events.sqlite")
    event = Message(1, "e/0", "e", "vehicle.zone", "gate", "new", 1.0, {})
    (_, step) = file.add([event, Message(2, "e/case/1", "e", "case.closed", "", "", 2.0, {})])
    file.close()
    assert (step.camera, step.kind) == ("gate", "case")
    assert json.dumps(step.body) == "{}"
