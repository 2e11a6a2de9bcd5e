"""sandwatch doctor against real brokers, cameras and files."""

import json
import socket
import stat
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from edge import assets
from edge.accounts.file import FILE, AccountsFile
from edge.accounts.roles import Role
from edge.cli_doctor import doctor
from edge.doctor import examination, say
from edge.doctor.checks import accounts, broker, camera, disk, dns, evidence, http, permissions
from edge.doctor.examination import Line, code, examine
from edge.doctor.question import Box, Level, Question, Verdict, fine
from edge.evidence.keyring import KeyRing
from edge.evidence.signing import Algorithm
from streams import kinds
from streams.problem import Text
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.rtsp import RtspServer

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(doctor)

SITE = """
site: {{id: box-1, area: "410122"}}
broker: {{url: "{broker}", acknowledge: broker{login}}}
storage: {{path: {storage}}}
detector: {{kind: onnx, model: sandwatch-nano}}
{more}
streams:
  - name: gate
    {stream}
    rules: [{{kind: zone}}]
"""
CLIP = assets.folder() / "demo" / "clip.mp4"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def site(
    folder: Path, *, url: str = "mqtt://127.0.0.1:1", stream: str = "", login: str = "", more: str = ""
) -> Path:
    storage = folder / "state"
    storage.mkdir(mode=0o700, exist_ok=True)
    text = SITE.format(
        broker=url,
        storage=storage,
        login=login,
        more=more,
        stream=stream or f"kind: file\n    path: {CLIP}",
    )
    file = folder / "site.yaml"
    file.write_text(text, "utf-8")
    file.chmod(0o600)
    return file


def rtsp(server: RtspServer, password: str) -> str:
    return "\n    ".join(
        [
            "kind: rtsp",
            f"url: rtsp://{server.place}",
            "username: user",
            f"password: {password}",
            "allow_networks: [127.0.0.0/8]",
        ]
    )


def ask(questions: Iterable[Question]) -> list[Verdict]:
    return [verdict for question in questions for verdict in question.ask()]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_a_sound_box_passes(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as server:
        file = site(tmp_path, url=f"mqtt://127.0.0.1:{server.port}")
        result = run("--config", str(file))
    assert result.exit_code == 0, result.stdout
    assert f"ok    broker centre: logged in at 127.0.0.1:{server.port}, MQTT 5" in result.stdout
    assert "ok    camera gate: h264" in result.stdout
    assert "fail" not in result.stdout.replace("0 failed", "")


def test_machines_get_every_line_in_both_languages(tmp_path: Path) -> None:
    result = run("--json", "--config", str(site(tmp_path)))
    assert result.exit_code == 1
    lines = json.loads(result.stdout)
    assert {line["check"] for line in lines} >= {
        "broker",
        "camera",
        "clock",
        "config",
        "disk",
        "memory",
        "model",
    }
    (refused,) = (line for line in lines if line["check"] == "broker")
    assert (refused["level"], refused["code"], refused["subject"]) == ("fail", "mqtt.nobody_there", "centre")
    assert all(refused[key] for key in ("en", "zh", "do_en", "do_zh"))


def test_a_site_file_that_cannot_be_used_is_named_line_by_line(tmp_path: Path) -> None:
    file = site(tmp_path)
    file.write_text(file.read_text("utf-8").replace("storage:", "storrage:"), "utf-8")
    result = run("--config", str(file))
    assert result.exit_code == 1
    assert f"fail  config: {file}:4:1: error: storrage: is not a known key" in result.stdout
    assert "memory" in result.stdout
    assert "camera" not in result.stdout


def test_it_speaks_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    result = run("--config", str(tmp_path / "none.yaml"))
    assert "故障  config：" in result.stdout
    assert "没有这个文件" in result.stdout


def test_a_brokers_wrong_password_is_named(tmp_path: Path) -> None:
    with Mosquitto(tmp_path, users={"box": "right"}) as server:
        file = site(
            tmp_path, url=f"mqtt://127.0.0.1:{server.port}", login=', username: box, password: "wrong"'
        )
        (verdict,) = ask(broker.questions(Box.of(file)))
    assert (verdict.level, verdict.code) == (Level.FAIL, "mqtt.login_refused")


def test_a_running_gateway_keeps_its_connection(tmp_path: Path) -> None:
    """A second client of its name would end it."""
    with Mosquitto(tmp_path) as server:
        ask(broker.questions(Box.of(site(tmp_path, url=f"mqtt://127.0.0.1:{server.port}"))))
        log = server.log
    assert "as sandwatch-410122-box-1-doctor" in log
    assert "as sandwatch-410122-box-1 " not in log


def test_a_camera_is_opened_and_described(tmp_path: Path) -> None:
    with RtspServer(login="user:right") as server:
        (verdict,) = ask(camera.questions(Box.of(site(tmp_path, stream=rtsp(server, "right")))))
    assert verdict.level is Level.OK
    assert verdict.what.en.startswith("h264 320x240, first data after ")


def test_a_cameras_wrong_password_is_named_and_never_shown(tmp_path: Path) -> None:
    with RtspServer(login="user:right") as server:
        (verdict,) = ask(camera.questions(Box.of(site(tmp_path, stream=rtsp(server, "hunter2")))))
    assert (verdict.level, verdict.code) == (Level.FAIL, "camera.unauthorized")
    assert "hunter2" not in str(verdict)
    assert not verdict.what.en.startswith("gate")


def test_a_storage_that_is_a_file_fails(tmp_path: Path) -> None:
    file = site(tmp_path)
    (tmp_path / "state").rmdir()
    (tmp_path / "state").write_text("")
    (verdict,) = ask(disk.questions(Box.of(file)))
    assert (verdict.level, verdict.code) == (Level.FAIL, "storage.path")


def test_a_disk_with_too_little_room_fails(tmp_path: Path) -> None:
    full = site(tmp_path, more="evidence: {free_gigabytes: 10000}")
    (verdict,) = ask(disk.questions(Box.of(full)))
    assert verdict.level is Level.FAIL
    assert list((tmp_path / "state").iterdir()) == []


def test_names_nobody_knows_fail(tmp_path: Path) -> None:
    asked = list(dns.questions(Box.of(site(tmp_path, url="mqtt://nobody.invalid"))))
    assert [question.subject for question in asked] == ["nobody.invalid"]
    (verdict,) = ask(asked)
    assert verdict.level is Level.FAIL


def test_what_others_can_read_is_named(tmp_path: Path) -> None:
    file, secrets = site(tmp_path), tmp_path / "secrets"
    secrets.mkdir(mode=0o755)
    box = Box.of(file, {"SANDWATCH_SECRETS_DIR": str(secrets)})
    assert [verdict.code for verdict in ask(permissions.questions(box))] == ["permissions.open"]
    secrets.chmod(0o700)
    assert [verdict.level for verdict in ask(permissions.questions(box))] == [Level.OK]


def test_an_evidence_key_others_can_read_is_named(tmp_path: Path) -> None:
    box = Box.of(site(tmp_path))
    assert [verdict.level for verdict in ask(evidence.questions(box))] == [Level.OK]
    KeyRing(tmp_path / "state", Algorithm.ED25519).first()
    assert [verdict.level for verdict in ask(evidence.questions(box))] == [Level.OK]
    key = tmp_path / "state" / "device.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.chmod(0o644)
    assert "evidence.key_open" in [verdict.code for verdict in ask(evidence.questions(box))]
    key.write_text("no key")
    (line,) = (line for line in examine(box) if line.check == "evidence")
    assert line.verdict.level is Level.FAIL


def test_a_port_somebody_has_is_told(tmp_path: Path) -> None:
    port = free_port()
    box = Box.of(site(tmp_path, more=f'http: {{listen: "127.0.0.1:{port}"}}'))
    assert [verdict.what.en for verdict in ask(http.questions(box))] == ["free"]
    with socket.create_server(("127.0.0.1", port)):
        (taken,) = ask(http.questions(box))
    assert taken.what.en.startswith("in use")


def test_a_question_that_hangs_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    held = threading.Event()

    def hang() -> Iterable[Verdict]:
        held.wait(30)
        return []

    lines = examined(monkeypatch, tmp_path, Question("disk", hang, 0.05), Question("", good, 30))
    held.set()
    assert [line.verdict.code for line in lines] == ["doctor.no_answer", ""]
    assert code(lines) == 1


def test_a_defect_of_one_question_hides_no_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken() -> Iterable[Verdict]:
        raise ZeroDivisionError

    lines = examined(monkeypatch, tmp_path, Question("", broken, 30), Question("", good, 30))
    assert [line.verdict.code for line in lines] == ["doctor.defect", ""]


def test_every_check_is_a_file(tmp_path: Path) -> None:
    """What is found is told under the file's name, and each file asks something of a whole site."""
    members = "members: [{name: desk, role: operator, accounts: [zhang]}]"
    talk = f"talk: {{groups: [{{name: patrol, {members}}}]}}"
    more = f'http: {{listen: "127.0.0.1:{free_port()}"}}\n{talk}'
    found = {line.check for line in examine(Box.of(site(tmp_path, url="mqtt://nobody.invalid", more=more)))}
    folder = Path(examination.__file__).parent / "checks"
    assert found == {path.stem for path in folder.glob("[!_]*.py")}


def test_lines_read_as_sentences() -> None:
    line = Line("camera", "gate", Verdict(Level.FAIL, Text("away", "断开"), Text("look", "查看"), "x"))
    assert say.line(line, "en") == "fail  camera gate: away; look"
    assert say.line(line, "zh") == "故障  camera gate：断开；查看"


def good() -> Iterable[Verdict]:
    return [fine("good", "好")]


def examined(monkeypatch: pytest.MonkeyPatch, folder: Path, *questions: Question) -> list[Line]:
    """With one check alone."""

    class Only:
        @staticmethod
        def questions(_box: Box) -> Iterable[Question]:
            return questions

    monkeypatch.setattr(kinds, "known", lambda _: ("only",))
    monkeypatch.setattr(kinds, "load", lambda *_: Only)
    return list(examine(Box(folder / "none", None, {})))


def test_accounts_that_are_to_talk_have_to_be_there(tmp_path: Path) -> None:
    members = "members: [{name: desk, role: operator, accounts: [zhang, li]}]"
    talk = f"talk: {{groups: [{{name: patrol, {members}}}]}}"
    box = Box.of(site(tmp_path, more=talk))
    assert box.site is not None
    assert [each.code for each in ask(accounts.questions(box))] == ["talk.no_account"] * 2
    path = box.site.storage.path / FILE
    AccountsFile.open(path).close()
    file = AccountsFile.beside(path)
    for name in ("zhang", "li"):
        file.add(name, "hash", Role.ADMIN, frozenset({"*"}), 0.0)
    assert [each.level for each in ask(accounts.questions(box))] == [Level.OK]
    file.disable("li", disabled=True)
    file.close()
    (said,) = ask(accounts.questions(box))
    assert said.level is Level.WARN
    assert "li may speak" in said.what.en
    assert not ask(accounts.questions(Box.of(site(tmp_path))))
