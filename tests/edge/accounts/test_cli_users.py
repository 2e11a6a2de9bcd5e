"""sandwatch users, beside a box that has been started."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.accounts.file import FILE, AccountsFile
from edge.certificate import kept, own_addresses
from edge.cli_users import app
from tests.support.executed import commands

PASSWORD = "three words suffice\n"


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, words, input=typed)


@pytest.fixture
def storage(tmp_path: Path) -> str:
    AccountsFile.open(tmp_path / FILE).close()
    return f"--storage={tmp_path}"


def test_from_the_first_code_to_a_disabled_account(storage: str, tmp_path: Path) -> None:
    shown = run("code", storage)
    assert shown.exit_code == 0
    assert run("code", storage).output == shown.output
    assert run("code", "--renew", storage).output != shown.output
    added = run("add", "wang", "--role=admin", storage, typed=PASSWORD * 2)
    assert added.exit_code == 0, added.output
    assert run("add", "li", "--role=operator", "--camera=gate", storage, typed=PASSWORD * 2).exit_code == 0
    assert run("code", storage).exit_code == 1
    assert run("disable", "li", storage).exit_code == 0
    assert json.loads(run("list", "--json", storage).output) == [
        {"name": "li", "role": "operator", "cameras": ["gate"], "disabled": True},
        {"name": "wang", "role": "admin", "cameras": ["*"], "disabled": False},
    ]
    assert run("disable", "li", "--undo", storage).exit_code == 0
    assert run("password", "li", storage, typed="another three words\n" * 2).exit_code == 0
    lines = [json.loads(line) for line in (tmp_path / "accounts.jsonl").read_text().splitlines()]
    assert [(line["command"], line["id"]) for line in lines] == [
        ("account.add", "wang"),
        ("account.add", "li"),
        ("account.disable", "li"),
        ("account.enable", "li"),
        ("account.password", "li"),
    ]


def a_site(folder: Path, http: str) -> str:
    (folder / "site.yaml").write_text(
        'site: {id: pit, area: "410122"}\nbroker: {url: mqtt://127.0.0.1}\ndetector: {kind: fake}\nstreams: [{name: gate, url: rtsp://192.168.1.64/x}]\n'
        f"storage: {{path: {folder}}}\nhttp: {http}\n"
    )
    AccountsFile.open(folder / FILE).close()
    return f"--config={folder / 'site.yaml'}"


def test_the_code_comes_with_the_address_and_what_the_browser_shows_of_it(tmp_path: Path) -> None:
    """As docs/install.md has it."""
    site = a_site(tmp_path, '{listen: "192.168.1.20:8443", tls: self-signed}')
    [typed] = commands("install.md", "users")
    assert "the gateway makes it when it starts" in run(*typed, site).output
    made = kept(tmp_path)
    said = run(*typed, site).output
    guide = (Path(__file__).parents[3] / "docs/install.md").read_text("utf-8")
    shown = re.search(r"```text\n(CODE.*?)```", guide, re.DOTALL)
    assert shown is not None
    pattern = re.escape(shown[1]).replace("CODE", r"[\w-]+").replace("14:20", r"\d\d:\d\d")
    assert re.fullmatch(pattern.replace(re.escape("3F:9A:..."), made.fingerprint), said), said


def test_a_box_that_listens_everywhere_tells_where_it_is_reached(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    given = kept(tmp_path / "there")
    files = f"{{cert_file: {given.cert_file}, key_file: {given.key_file}}}"
    said = run("code", a_site(tmp_path, f'{{listen: "0.0.0.0:8443", tls: {files}}}')).output.splitlines()
    assert said[-1] == f"SHA-256 {given.fingerprint}"
    assert set(said[1:-1]) == {f"https://{each}:8443" for each in own_addresses() if ":" not in each}
    plain = run("code", a_site(tmp_path, "{}")).output.splitlines()
    assert plain[1:] == ["http://127.0.0.1:8480"]


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        (("add", "a/b"), PASSWORD),
        (("add", "wang"), "short\n"),
        (("add", "wang", "--camera=a b"), PASSWORD),
        (("password", "nobody"), PASSWORD),
        (("disable", "nobody"), ""),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(storage: str, words: tuple[str, ...], typed: str) -> None:
    refused = run(*words, storage, typed=typed * 2)
    assert refused.exit_code == 1
    assert run("list", storage).output == ""
