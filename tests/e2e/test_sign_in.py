"""One sign-in for all pages: who has an account talks and watches by it, who has none by a token."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.console import BADGE, PHONE, Person, chrome
from tests.support.fitting import within
from tests.support.manned import PASSWORD, Manned, manned

pytestmark = pytest.mark.e2e

# "duty" is the administrator of the first start.
TALK = f"""
access:
  tokens: [{{name: badge, secret: "{BADGE}", may: [speak], groups: [patrol], members: [badge-17]}}]
talk:
  groups:
    - name: patrol
      title: River patrol
      silence: 30s
      members:
        - {{name: centre, role: operator, priority: 9, accounts: [duty, night]}}
        - {{name: badge-17, role: body_camera}}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, chrome(playwright) as running:
        yield running


@pytest.fixture(scope="module")
def box(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Manned]:
    with manned(browser, tmp_path_factory.mktemp("box"), talk=TALK) as running:
        yield running


def at(browser: Browser, box: Manned, path: str, *, signed_in: bool = True, **how: Any) -> Person:
    person = Person(browser, box.url, **({"storage_state": box.kept} if signed_in else {}), **how)
    person.page.goto(box.url + path)
    return person


def gone(*people: Person) -> None:
    for one in people:
        assert not one.faults
        one.context.close()


def test_signed_in_one_watches_at_once(browser: Browser, box: Manned) -> None:
    duty = at(browser, box, "/live").sees("#me", "duty · administrator")
    duty.page.get_by_label("North gate").check()
    duty.sees(".tile[data-picture=live]", "Live")
    assert not duty.page.locator("form:visible").count()
    duty.page.get_by_role("link", name="Talk").click()
    duty.sees(".group[data-name=patrol]", "River patrol")
    gone(duty)


def test_an_account_and_a_token_talk_with_each_other_in_a_group_and_in_a_call(
    browser: Browser, box: Manned
) -> None:
    centre = at(browser, box, "/talk").picks("centre")
    badge = Person(browser, box.url).joins("badge-17", BADGE)
    centre.presses().speaks()
    badge.hears("centre")
    centre.lets_go()
    badge.sees("#speaker[data-state=idle]")
    badge.page.get_by_label("Call centre alone").click()
    centre.sees("#ring", "badge-17 calls you").page.locator("#answer").click()
    centre.sees("#group", "Private call").connected("badge-17").presses().speaks()
    badge.hears("centre")
    centre.lets_go().page.locator("#out").click()
    centre.sees("#group", "River patrol").page.get_by_label("Call badge-17 alone").click()
    badge.sees("#group", "patrol").sees("#ring", "centre calls you").page.locator("#answer").click()
    centre.connected("badge-17")
    gone(centre, badge)


def test_whose_account_is_disabled_is_hung_up_and_asked_to_sign_in(browser: Browser, box: Manned) -> None:
    duty = box.person(browser, "/users")
    send(duty, "/users", {"name": "night", "password": PASSWORD, "role": "viewer", "cameras": ["*"]})
    night = at(browser, box, "/talk", signed_in=False)
    enter(night, "night")
    night.picks("centre").sees("#me", "night · viewer")
    send(duty, "/users/night", {"disabled": True}, "PATCH")
    night.sees("#why", "Your session has ended")
    assert not night.page.locator("#room").is_visible()
    night.until(lambda: hung_up(box, "user:night."), "the end of its connection")
    gone(duty, night)


def hung_up(box: Manned, who: str) -> bool:
    over = (line for line in box.gateway.lines if line["event"] == "session.over")
    return any(str(line["who"]).startswith(who) for line in over)


SEND = """async ([path, body, method]) => {
  const { me, send } = await import("/console/api.js");
  await me();
  await send(path, body, method);
}"""


def send(person: Person, path: str, body: object, method: str = "POST") -> None:
    person.page.evaluate(SEND, [path, body, method])


def test_who_signs_out_leaves_nothing_behind_for_the_next_one(browser: Browser, box: Manned) -> None:
    person = at(browser, box, "/talk", signed_in=False)
    enter(person, "duty")
    person.picks("centre")
    person.page.get_by_role("button", name="Sign out").click()
    person.sees("#login")
    assert person.page.evaluate("sessionStorage.length") == 0
    gone(person)


def enter(person: Person, name: str) -> None:
    person.sees("#login").page.locator("#name").fill(name)
    person.page.locator("#password").fill(PASSWORD)
    person.page.locator("#login .main").click()


def test_whose_account_is_in_no_group_is_told_who_changes_that(browser: Browser, box: Manned) -> None:
    duty = box.person(browser, "/users")
    send(duty, "/users", {"name": "guest", "password": PASSWORD, "role": "viewer", "cameras": ["yard"]})
    guest = at(browser, box, "/talk", signed_in=False, locale="zh-CN")
    enter(guest, "guest")
    guest.sees("#none", "请技术员在设置中").page.goto(box.url + "/live")
    guest.sees("#none", "没有您可查看的摄像机")
    gone(duty, guest)


def test_whoever_came_with_a_token_is_asked_for_one_again(browser: Browser, box: Manned) -> None:
    badge = Person(browser, box.url).opens("/talk", BADGE).sees(".group[data-name=patrol]")
    badge.page.get_by_role("button", name="Sign out").click()
    badge.sees("#bearer").page.locator("#other-way").click()
    badge.sees("#login")
    gone(badge)


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
@pytest.mark.parametrize("path", ["/talk", "/live"])
def test_the_sign_in_fits_a_phone(browser: Browser, box: Manned, path: str, locale: str) -> None:
    person = at(browser, box, path, signed_in=False, locale=locale, **PHONE).sees("#login")
    assert within(person.page)
    person.page.locator("#other-way").tap()
    person.sees("#bearer")
    assert within(person.page)
    gone(person)
