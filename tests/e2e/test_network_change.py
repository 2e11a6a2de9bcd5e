"""A phone that goes from one network to another while it watches: Chromium in a network of its own."""

import shlex
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.support.browser import chromium
from tests.support.console import DUTY, Console, Person, chrome
from tests.support.namespaces import SERVER, Apart

pytestmark = pytest.mark.e2e


def test_the_picture_goes_on_over_the_new_network_by_the_same_connection(tmp_path: Path) -> None:
    with Apart() as apart:
        program = tmp_path / "chromium"
        program.write_text(f'#!/bin/sh\nexec {shlex.join(apart.command("far", chromium()))} "$@"\n')
        program.chmod(0o755)
        with (
            Console(host=SERVER, enter=lambda: apart.enter("server")) as console,
            sync_playwright() as playwright,
            chrome(playwright, str(program)) as browser,
        ):
            viewer = Person(browser, console.url, allowed=False).opens("/live", DUTY)
            viewer.page.get_by_label("North gate").check()
            viewer.sees(".tile[data-picture=live]")
            assert addresses(viewer) == {"10.77.2.2"}
            apart.moves("far")
            viewer.until(lambda: addresses(viewer) == {"10.77.2.3"}, "a way by the new address")
            viewer.watches(20)
            viewer.sees(".tile[data-picture=live]")
            assert viewer.page.evaluate("peers.length") == 1
            assert viewer.faults == []


def addresses(of: Person) -> set[str]:
    """Where its packets leave, and the gateway's go."""
    found: list[str] = of.page.evaluate(
        """async () => {
          const all = [...(await peers[0].getStats()).values()], by = new Map(all.map((one) => [one.id, one]));
          const pair = by.get(all.find((one) => one.type === "transport").selectedCandidatePairId);
          return pair && peers[0].connectionState === "connected" ? [by.get(pair.localCandidateId).address] : [];
        }"""
    )
    return set(found)
