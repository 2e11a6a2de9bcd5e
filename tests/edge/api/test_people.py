"""Others' accounts: another role, other cameras, and always somebody left who may do everything."""

from pathlib import Path

from edge.accounts.roles import Role
from tests.support.consoles import PASSWORD, api_box


async def test_another_role_and_other_cameras_hold_at_once_in_open_sessions(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        admin, viewer = await box.as_role(Role.ADMIN), await box.as_role(Role.VIEWER)
        assert (await viewer.get("/api/v1/audit")).status_code == 403
        change = {"role": "technician", "cameras": ["pit"]}
        assert (await admin.patch("/api/v1/users/viewer", json=change)).status_code == 204
        me = (await viewer.get("/api/v1/me")).json()
        assert (me["role"], me["cameras"]) == ("technician", ["pit"])
        assert [each["name"] for each in (await viewer.get("/api/v1/cameras")).json()] == ["pit"]
        [line] = (await admin.get("/api/v1/audit", params={"command": "account.entitle"})).json()
        assert (line["who"], line["id"]) == ("user:admin", "viewer")


async def test_there_is_always_an_administrator_for_all_cameras(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        admin = await box.as_role(Role.ADMIN)
        for change in ({"role": "technician"}, {"cameras": ["gate"]}, {"disabled": True}):
            answer = await admin.patch("/api/v1/users/admin", json=change)
            assert (answer.status_code, answer.json()["code"]) == (409, "account.last_admin"), change
        assert (await admin.get("/api/v1/me")).json()["role"] == "admin"
        await box.add("second", Role.ADMIN)
        assert (await admin.patch("/api/v1/users/admin", json={"role": "viewer"})).status_code == 204
        assert (await admin.get("/api/v1/users")).status_code == 403


async def test_what_is_wrong_changes_nothing(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        admin = await box.as_role(Role.ADMIN)
        await box.add("li", Role.VIEWER)
        wrong = {"role": "operator", "cameras": ["a/b"]}
        assert (await admin.patch("/api/v1/users/li", json=wrong)).status_code == 422
        assert (await admin.patch("/api/v1/users/nobody", json={"role": "operator"})).status_code == 404
        found = {each["name"]: each["role"] for each in (await admin.get("/api/v1/users")).json()}
        assert found == {"admin": "admin", "li": "viewer"}


async def test_everybody_changes_their_own_password(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        viewer = await box.as_role(Role.VIEWER)
        wrong = {"old": "not that one", "new": "three other words"}
        assert (await viewer.post("/api/v1/password", json=wrong)).status_code == 401
        right = {"old": PASSWORD, "new": "three other words"}
        assert (await viewer.post("/api/v1/password", json=right)).status_code == 204
        assert (await viewer.get("/api/v1/me")).status_code == 401
        login = {"name": "viewer", "password": "three other words"}
        assert (await box.stranger().post("/api/v1/login", json=login)).status_code == 200
