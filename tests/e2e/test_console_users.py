"""/users: accounts and tokens, in Chromium."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from edge.accounts.roles import Role
from tests.support.console import PHONE
from tests.support.consoles import PASSWORD
from tests.support.desk import Arrive, Desk, arriving
from tests.support.fitting import within

pytestmark = pytest.mark.e2e

NEW = "other words suffice too"


@pytest.fixture
def arrive(browser: Browser, desk: Desk) -> Iterator[Arrive]:
    with arriving(browser, desk, "/users") as one:
        yield one


def test_an_account_is_added_changed_and_disabled(arrive: Arrive, desk: Desk) -> None:
    admin = arrive(Role.ADMIN)
    page = admin.page
    page.locator("summary", has_text="Add an account").click()
    new = page.locator("[data-name=new-user]")
    new.get_by_label("Name").fill("li")
    new.get_by_label("Password").fill(NEW)
    new.get_by_label("all cameras").uncheck()
    new.get_by_label("Gate").check()
    new.get_by_role("button", name="Add").click()
    admin.sees("[data-name='user:li'] summary", "viewer").sees("[data-name='user:li'] summary", "Gate")
    line = page.locator("[data-name='user:li']")
    line.locator("summary").click()
    line.get_by_label("Role").select_option("operator")
    line.get_by_label("pit").check()
    line.get_by_role("button", name="Save role and cameras").click()
    admin.sees("#toast", "Saved").sees("[data-name='user:li'] summary", "operator")
    admin.sees("[data-name='user:li'] summary", "Gate, pit")
    line.get_by_role("button", name="Disable").click()
    line.get_by_role("button", name="Really disable?").click()
    admin.sees("[data-name='user:li'] summary", "disabled")
    login = {"name": "li", "password": NEW}
    assert httpx.post(desk.url + "/api/v1/login", json=login, timeout=60).status_code == 401


def test_the_last_administrator_stays(arrive: Arrive) -> None:
    admin = arrive(Role.ADMIN)
    line = admin.page.locator("[data-name='user:admin']")
    line.locator("summary").click()
    line.get_by_label("Role").select_option("viewer")
    line.get_by_role("button", name="Save role and cameras").click()
    admin.sees("#trouble", "the only administrator")
    admin.page.reload()
    admin.sees("[data-name='user:admin'] summary", "administrator")


def test_a_token_is_shown_once_and_revoked(arrive: Arrive, desk: Desk) -> None:
    admin = arrive(Role.ADMIN)
    page = admin.page
    page.locator("summary", has_text="Make a token").click()
    new = page.locator("[data-name=new-token]")
    new.get_by_label("What it is for").fill("prometheus")
    new.get_by_label("see events and cameras").uncheck()
    new.get_by_label("metrics").check()
    new.get_by_role("button", name="Make it").click()
    admin.sees("#secret").sees("[data-name='token:prometheus'] summary", "metrics")
    bearer = {"Authorization": f"Bearer {page.locator('#secret-text').inner_text()}"}
    assert httpx.get(desk.url + "/metrics", headers=bearer, timeout=60).status_code == 200
    page.get_by_role("button", name="Done").click()
    page.reload()
    line = page.locator("[data-name='token:prometheus']")
    line.locator("summary").click()
    assert page.locator("#secret-text").text_content() == ""
    line.get_by_role("button", name="Revoke").click()
    line.get_by_role("button", name="Really revoke?").click()
    expect(line).to_have_count(0)
    assert httpx.get(desk.url + "/metrics", headers=bearer, timeout=60).status_code == 401


def test_a_viewer_with_a_phone_changes_the_own_password_and_sees_nobody_else(arrive: Arrive) -> None:
    viewer = arrive(Role.VIEWER, locale="zh-CN", **PHONE)
    page = viewer.page
    expect(page.locator("#others")).to_be_hidden()
    page.get_by_label("当前密码").fill(PASSWORD)
    page.get_by_label("新密码，至少 10 个字符").fill(NEW)
    page.get_by_label("再次输入新密码").fill(NEW + "!")
    page.get_by_role("button", name="更改密码").click()
    viewer.sees("#trouble", "不一致")
    page.get_by_label("再次输入新密码").fill(NEW)
    page.get_by_role("button", name="更改密码").click()
    viewer.sees("#login")
    page.locator("#name").fill("viewer")
    page.locator("#password").fill(NEW)
    page.get_by_role("button", name="继续").click()
    viewer.sees("#own")
    assert within(page)
