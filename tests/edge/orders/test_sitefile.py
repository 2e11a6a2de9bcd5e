"""What a centre sees of the site file, and what it may put in its place."""

import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.orders.problems import OrderFailed, OrderRefused
from edge.orders.sitefile import SiteFile
from edge.settings.loader import load_text
from streams import whole
from tests.edge.settings.documents import ALL, GOOD, MARKER
from tests.edge.settings.test_example import everything

SECRETS = {
    f"SANDWATCH_SECRET_{name.upper().replace('-', '_')}": hashlib.sha256(name.encode()).hexdigest()
    for name in re.findall(r"!secret ([\w-]+)", everything())
}


def placed(folder: Path, text: str = GOOD) -> str:
    """With its state in that folder."""
    return f"storage: {{path: {folder}/storage}}\n{text}"


def site_file(folder: Path, text: str = GOOD) -> SiteFile:
    """Of a text that says where its state is, or is only shown."""
    path = folder / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return SiteFile(path, folder / "storage", lambda: None)


def refused(file: SiteFile, text: str, *, afar: bool = False) -> OrderRefused:
    with pytest.raises(OrderRefused) as caught:
        file.put(text, "w", order="i" if afar else None)
    return caught.value


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def test_no_secret_of_the_file_is_shown_and_each_is_named(tmp_path: Path) -> None:
    shown = site_file(tmp_path, ALL).shown()
    assert MARKER not in shown.text
    assert MARKER not in str(shown.masked)
    assert set(shown.masked) == {"broker.password", "streams[0].url", "streams[0].password"}
    assert shown.text.count('"***"') == 3


def test_what_is_shown_of_the_whole_example_is_the_same_site(tmp_path: Path) -> None:
    """Every key there is goes out, comes back, and means the same; of secrets, the names."""
    text = everything()
    shown = site_file(tmp_path, text).shown()
    assert shown.masked == ()
    assert not [value for value in SECRETS.values() if value in shown.text]
    before, after = load_text(text, "x"), load_text(shown.text, "x")
    assert after.site == before.site


def test_numbers_that_are_texts_keep_their_zeros(tmp_path: Path) -> None:
    shown = site_file(tmp_path, GOOD.replace("sand-01", '"0123"')).shown()
    assert load_text(shown.text, "x").site.site.id == "0123"


def test_a_password_in_a_url_that_no_model_takes_for_a_secret_is_not_shown_either(tmp_path: Path) -> None:
    text = f"{GOOD}    elevation: https://a:hunter2@192.0.2.1/dem.tif\n"
    shown = site_file(tmp_path, text).shown()
    assert "hunter2" not in shown.text
    assert shown.masked == ("streams[0].elevation",)


def test_an_open_url_is_no_secret(tmp_path: Path) -> None:
    shown = site_file(tmp_path).shown()
    assert "mqtt://127.0.0.1" in shown.text
    assert shown.masked == ()


@pytest.mark.parametrize(
    "change",
    [
        ("url: mqtt://127.0.0.1", 'url: mqtt://127.0.0.1, username: a, password: "hunter2"'),
        ("url: mqtt://127.0.0.1", 'url: "mqtt://a:hunter2@127.0.0.1"'),
        ("url: rtsp://192.0.2.1/live", 'url: "rtsp://192.0.2.1/live?password=hunter2"'),
        ("url: rtsp://192.0.2.1/live", 'url: rtsp://192.0.2.1/live\n    password: "***"\n    username: a'),
    ],
)
def test_a_secret_in_the_open_is_refused_at_its_place(tmp_path: Path, change: tuple[str, str]) -> None:
    text = GOOD.replace("broker:\n  url: mqtt://127.0.0.1", "broker: {url: mqtt://127.0.0.1}")
    error = refused(site_file(tmp_path), text.replace(*change), afar=True)
    assert error.problem.code == "config.invalid"
    assert {finding.path.rpartition(".")[2] for finding in error.findings} <= {"password", "url"}
    assert error.findings
    assert "hunter2" not in str(error.findings)


def test_secrets_by_name_are_taken(tmp_path: Path) -> None:
    more = "broker:\n  username: a\n  password: !secret broker-password"
    text = placed(tmp_path, GOOD.replace("broker:", more))
    assert site_file(tmp_path).closed(text).site.broker.login[0] == "a"


def test_every_error_is_told_with_its_place(tmp_path: Path) -> None:
    error = refused(site_file(tmp_path), GOOD.replace("fps: 5", "fps: 99").replace("[pit]", "[pitt]"))
    assert {finding.path for finding in error.findings} == {"streams[0].fps", "streams[0].rules[0].zones[0]"}
    assert all(finding.line > 1 and finding.zh for finding in error.findings)


def test_where_events_wait_is_not_moved_from_afar(tmp_path: Path) -> None:
    moved = f"storage: {{path: {tmp_path}/elsewhere}}\n{GOOD}"
    assert refused(site_file(tmp_path), moved).problem.code == "config.storage"


def test_the_copies_are_for_nobody_else_and_bounded(tmp_path: Path) -> None:
    text = placed(tmp_path)
    file = site_file(tmp_path, text)
    file.path.chmod(0o640)
    for number in range(25):
        file.put(f"{text}# {number}\n", f"console:{number}")
        file.trial.keep()
    folder = tmp_path / "storage" / "config"
    assert len(list(folder.glob("*.yaml"))) == len(list(folder.glob("*.json"))) == 20
    assert folder.stat().st_mode & 0o077 == 0
    assert [copy.who for copy in file.history()] == [f"console:{number}" for number in range(24, 4, -1)]
    assert file.text() == file.copy(file.history()[0].id) == f"{text}# 24\n"
    assert file.path.stat().st_mode & 0o777 == 0o640


def test_a_person_at_the_box_may_write_what_an_editor_may(tmp_path: Path) -> None:
    text = placed(tmp_path, GOOD.replace("//192.0.2.1", "//admin:hunter2@192.0.2.1"))
    file = site_file(tmp_path, placed(tmp_path))
    applied = file.put(text, "console:li")
    assert (tmp_path / "storage" / applied.uri).read_text() == text == file.text()


def test_a_change_of_another_file_than_the_one_in_place_is_refused(tmp_path: Path) -> None:
    file = site_file(tmp_path, placed(tmp_path))
    with pytest.raises(OrderRefused) as caught:
        file.put(placed(tmp_path), "w", based_on="0" * 64)
    assert caught.value.problem.code == "config.changed"
    assert file.shown().sha256 == hashlib.sha256(placed(tmp_path).encode()).hexdigest()
    assert file.trial.note is None


def test_a_folder_that_cannot_be_written_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = site_file(tmp_path, placed(tmp_path))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(whole, "write", full)
    with pytest.raises(OrderFailed) as caught:
        file.put(placed(tmp_path) + "# new\n", "w")
    assert caught.value.problem.code == "config.unwritable"
    assert file.path.read_text() == placed(tmp_path)
    assert file.trial.note is None


SECRET = st.text("abcdefgh0123456789:/?#@%", min_size=6, max_size=12)


@settings(max_examples=30, deadline=None)
@given(word=SECRET)
def test_whatever_a_password_looks_like_it_is_not_shown(
    tmp_path_factory: pytest.TempPathFactory, word: str
) -> None:
    secret = f"Zq{word}Zq"
    text = GOOD.replace("broker:\n", f'broker:\n  username: a\n  password: "{secret}"\n  # once {secret}\n')
    shown = site_file(tmp_path_factory.mktemp("any"), text).shown()
    assert secret not in shown.text
