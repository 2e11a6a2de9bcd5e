"""The console's pages as files: complete, in both languages, and nothing from elsewhere."""

import json
import re
from collections.abc import AsyncIterator
from enum import StrEnum
from pathlib import Path
from typing import get_args

import httpx
import pytest

import edge.console
from edge.accounts import roles as accounts
from edge.api.cases import Verb
from edge.cases.case import Awaited, Kind, State
from edge.console import DESKS, TOKENS, pages
from edge.envelope import Proof
from edge.worker.wellbeing import OFFLINE, TAMPERED
from inference.findings import Phase, Severity, Whistle
from inference.land.life import DISTURBANCE
from inference.rules.convoy import EVENT as CONVOY
from inference.rules.crossing import EVENT as CROSSING
from inference.rules.zone import EVENT as ZONE
from relay.http.app import application
from relay.talk import CallEnd, Denial, GroupKind, Revocation, Role

PAGE = Path(edge.console.__file__).with_name("page")
FILES = sorted(PAGE.iterdir())
SCRIPTS = "\n".join(path.read_text(encoding="utf-8") for path in FILES if path.suffix == ".js")
MARKUP = "\n".join(path.read_text(encoding="utf-8") for path in FILES if path.suffix == ".html")
WORDS = {
    key: tuple(json.loads(f"[{texts.rstrip().rstrip(',')}]"))
    for key, texts in re.findall(
        r'^  "?([\w.]+)"?: \[(.*?)\],$',
        "\n".join(path.read_text(encoding="utf-8") for path in sorted(PAGE.glob("words_*.js"))),
        re.DOTALL | re.MULTILINE,
    )
}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application(pages()))
    async with httpx.AsyncClient(transport=transport, base_url="http://box") as client:
        yield client


ADDRESSES = [f"/{name}" for name in (*DESKS, *TOKENS)]


@pytest.mark.parametrize("path", [*ADDRESSES, *(f"/console/{each.name}" for each in FILES)])
async def test_every_file_is_served_and_asked_for_again_after_an_update(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    again = await client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == (304 if path.startswith("/console") else 200)


async def test_the_bare_address_leads_to_the_events(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/events")


async def test_nothing_else_is_served(client: httpx.AsyncClient) -> None:
    for path in ("/console/", "/console/../__init__.py", "/console/%2e%2e/__init__.py", "/console/none.js"):
        assert (await client.get(path)).status_code == 404


def test_there_are_words_for_everything_in_both_languages() -> None:
    assert len(WORDS) > 100
    asked = set(re.findall(r'\bsay\("([\w.]+)"', SCRIPTS)) | set(
        re.findall(r'data-(?:say|label|title)="([\w.]+)"', MARKUP)
    )
    assert asked <= WORDS.keys()
    for key, (english, chinese) in WORDS.items():
        assert english
        assert re.search("[\u4e00-\u9fff]", chinese) or key == "language.other"
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", chinese))


def test_there_are_words_for_all_that_the_gateway_may_say() -> None:
    kinds: dict[str, type[StrEnum]] = {
        "denied": Denial,
        "revoked": Revocation,
        "closed": CallEnd,
        "role": Role,
    }
    kinds |= {"state": State, "step": Kind, "due": Awaited, "verb": Verb, "account": accounts.Role}
    kinds |= {"phase": Phase, "severity": Severity, "whistle": Whistle}
    wanted = {f"{prefix}.{each.value}" for prefix, values in kinds.items() for each in values}
    wanted |= {f"file.{kind}" for kind in get_args(Proof.model_fields["kind"].annotation)}
    wanted |= {f"type.{each}" for each in (ZONE, CROSSING, CONVOY, DISTURBANCE, OFFLINE, TAMPERED)}
    wanted |= {
        f"{prefix}.{each.value}"
        for prefix in ("ring", "call.title")
        for each in GroupKind
        if each is not GroupKind.STANDING
    }
    assert wanted <= WORDS.keys()


@pytest.mark.parametrize("address", ADDRESSES)
async def test_every_page_leads_to_every_other(client: httpx.AsyncClient, address: str) -> None:
    text = (await client.get(address)).text
    links = re.findall(r'<a href="(/\w+)"( aria-current="page")?', text)
    assert {link for link, _ in links} == set(ADDRESSES)
    assert [link for link, here in links if here] == [address]
    assert "{{" not in text


def test_nobody_is_shown_the_way_where_he_may_not_go() -> None:
    rights = re.findall(r'<a href="/(\w+)" data-right="(\w+)" .*hidden', MARKUP)
    assert {right for _, right in rights} <= {act.value for act in accounts.Act}
    assert {"settings": "config", "zones": "config", "audit": "audit"}.items() <= dict(rights).items()


def test_nothing_comes_from_elsewhere_and_nothing_is_inline() -> None:
    styles = [path.read_text(encoding="utf-8") for path in FILES if path.suffix == ".css"]
    own = "\n".join([SCRIPTS, MARKUP, *styles])
    assert not re.search(r"https?://|@import|url\(", own)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=\"", MARKUP)
    for name in re.findall(r'(?:from "\./|/console/)([\w.]+)"', SCRIPTS + MARKUP):
        assert (PAGE / name).is_file(), name
