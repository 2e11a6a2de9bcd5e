"""Where !secret finds its value, and that no secret is ever shown."""

import json
import os
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.check import findings_as_json, report
from edge.settings.finding import SettingsError
from edge.settings.loader import load_text
from edge.settings.secrets import SecretStore, SecretTrouble
from tests.edge.settings.documents import ALL, GOOD, MARKER, lines


def put(folder: Path, name: str, value: str | bytes, mode: int = 0o600) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_bytes(value if isinstance(value, bytes) else value.encode())
    file.chmod(mode)
    return file


def found(name: str, **environ: str) -> str:
    return SecretStore(environ).find(name).value.get_secret_value()


def test_the_folder_may_be_several(tmp_path: Path) -> None:
    by_hand, typed = tmp_path / "etc", tmp_path / "state"
    put(typed, "gate", "new")
    environ = {"SANDWATCH_SECRETS_DIR": f"{by_hand}:{typed}"}
    assert found("gate", **environ) == "new"
    put(by_hand, "gate", "old")
    assert found("gate", **environ) == "old"


def test_the_three_places_are_asked_in_order(tmp_path: Path) -> None:
    systemd, files = tmp_path / "systemd", tmp_path / "files"
    environ = {"CREDENTIALS_DIRECTORY": str(systemd), "SANDWATCH_SECRETS_DIR": str(files)}
    environ["SANDWATCH_SECRET_GATE_PW_2"] = "three"
    assert found("gate-pw.2", **environ) == "three"
    put(files, "gate-pw.2", "two\n")
    assert found("gate-pw.2", **environ) == "two"
    put(systemd, "gate-pw.2", "one\r\n")
    assert found("gate-pw.2", **environ) == "one"


@pytest.mark.parametrize(
    ("stored", "value"), [("a\n", "a"), ("a", "a"), ("a\n\n", "a\n"), (" a b ", " a b "), ("密码", "密码")]
)
def test_only_the_last_newline_is_dropped(tmp_path: Path, stored: str, value: str) -> None:
    put(tmp_path, "x", stored)
    assert found("x", SANDWATCH_SECRETS_DIR=str(tmp_path)) == value


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "/etc/passwd", "a/b", ".x", "-x", "x y", "x" * 65, "密"]
)
def test_a_name_never_leaves_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(SecretTrouble, match="letters, digits"):
        found(name, SANDWATCH_SECRETS_DIR=str(tmp_path))


@pytest.mark.parametrize(
    ("stored", "why"),
    [(b"", "is empty"), (b"\n", "is empty"), (b"\xff\xfe", "not UTF-8"), (b"x" * 70_000, "64 KiB")],
)
def test_a_file_that_cannot_be_a_secret(tmp_path: Path, stored: bytes, why: str) -> None:
    put(tmp_path, "x", stored)
    with pytest.raises(SecretTrouble, match=why):
        found("x", SANDWATCH_SECRETS_DIR=str(tmp_path))


def test_a_folder_in_the_place_of_a_secret_is_an_error_not_the_next_place(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(SecretTrouble, match="cannot be read"):
        found("x", SANDWATCH_SECRETS_DIR=str(tmp_path), SANDWATCH_SECRET_X="other")


def test_a_file_that_others_may_read_is_warned_of(tmp_path: Path) -> None:
    text = GOOD.replace("    fps: 5", "    password: !secret pw")
    secrets = tmp_path / "secrets"
    environ = {"SANDWATCH_SECRETS_DIR": str(secrets)}
    file = put(secrets, "pw", "hunter2", 0o640)
    assert lines(tmp_path, text, environ) == [
        f"7:5: warning: streams[0].password: {file} can be read by other users; chmod 600 it"
    ]
    file.chmod(0o400)
    assert lines(tmp_path, text, environ) == []
    # systemd gives its credentials a mode of its own
    assert lines(tmp_path, text, {"CREDENTIALS_DIRECTORY": str(secrets)}) == []


def test_a_secret_arrives_and_is_not_shown() -> None:
    text = GOOD.replace("    fps: 5", "    username: admin\n    password: !secret pw")
    site = load_text(text, "site.yaml", {"SANDWATCH_SECRET_PW": "hunter2"}).site
    spec = site.streams[0].source_spec()
    assert spec.model_dump()["password"].get_secret_value() == "hunter2"
    assert "hunter2" not in f"{site!r} {site} {spec!r} {site.model_dump()} {site.model_dump_json()}"


BREAKAGES: dict[str, Callable[[str], str]] = {
    "nothing": lambda text: text,
    "unknown scheme": lambda text: text.replace("rtsp://", "http://").replace("mqtts://", "x://"),
    "no scheme": lambda text: text.replace("rtsp://", "rtsp//").replace("mqtts://", "mqtt:"),
    "bad port": lambda text: text.replace(":554", ":port"),
    "password for port": lambda text: text.replace("admin:pw-url-7319@192.0.2.1:554", "192.0.2.1:pw-7319"),
    "unquoted at": lambda text: text.replace('"pw-broker-7319"', "@pw-broker-7319"),
    "percent": lambda text: text.replace('"pw-broker-7319"', "%7319"),
    "escape": lambda text: text.replace('"pw-broker-7319"', '"\\p7319"'),
    "open quote": lambda text: text.replace('"pw-broker-7319"', '"pw-broker-7319'),
    "tag": lambda text: text.replace('"pw-broker-7319"', "!pw-broker-7319"),
    "tag and value": lambda text: text.replace('"pw-broker-7319"', "!env pw-broker-7319"),
    "alias": lambda text: text.replace('"pw-broker-7319"', "*pw-broker-7319"),
    "anchor": lambda text: text.replace('"pw-broker-7319"', "&pw-broker-7319"),
    "colon": lambda text: text.replace('"pw-broker-7319"', "pw: broker-7319"),
    "list": lambda text: text.replace('"pw-broker-7319"', "[pw-broker-7319]"),
    "mapping": lambda text: text.replace('"pw-broker-7319"', "{x: pw-broker-7319}"),
    "octal": lambda text: text.replace('"pw-broker-7319"', "07319"),
    "flow without blank": lambda text: text.replace("kind: onnx", "password:pw-7319"),
    "no blank": lambda text: text.replace("password: pw-camera", "password:pw-camera"),
    "no colon": lambda text: text.replace("password: pw-camera", "password pw-camera"),
    "misspelt key": lambda text: text.replace("password:", "pasword:"),
    "unknown key": lambda text: text.replace("username:", "login:"),
    "no username": lambda text: text.replace("  username: box\n", ""),
    "url in the wrong place": lambda text: text.replace("read", "read").replace(
        "connect_timeout: 5s", "connect_timeout: rtsp://admin:pw-url-7319@192.0.2.1:554/live"
    ),
    "login in the wrong place": lambda text: text.replace("dwell: 3s", "dwell: admin:pw-7319@x"),
    "indented too far": lambda text: text.replace("    password: pw", "      password: pw"),
    "unprintable": lambda text: text.replace('"pw-broker-7319"', "\x07pw-broker-7319"),
    "surrogate": lambda text: text.replace('"pw-broker-7319"', '"\\ud800pw-broker-7319"'),
    "cut": lambda text: text[: text.index("camera-7319") + 11],
    "unknown kind": lambda text: text.replace("title: Gate", "kind: webcam"),
    "unquoted hash": lambda text: text.replace('"pw-broker-7319"', "#pw-broker-7319"),
    "missing secret": lambda text: text.replace("pw-camera-7319", "!secret none"),
    "bad secret name": lambda text: text.replace("pw-camera-7319", "!secret pw/camera/7319"),
}


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_no_secret_is_in_anything_said(tmp_path: Path, breakage: str) -> None:
    text = BREAKAGES[breakage](ALL)
    file = tmp_path.parent / "leak.yaml"  # a folder's name would hold the test's parameter
    file.write_text(text)
    said = [*report(file, "en", {})[0], *report(file, "zh", {})[0]]
    try:
        loaded = load_text(text, "site.yaml", {})
    except SettingsError as error:
        said += [
            findings_as_json(error.findings),
            repr(error),
            str(error),
            *traceback.format_exception(error),
        ]
        said += [repr(error.__cause__), repr(error.__context__)]
        assert breakage != "nothing"
    else:
        said += [repr(loaded), str(loaded), loaded.site.model_dump_json()]
        said += [repr(stream.source_spec()) for stream in loaded.site.streams]
    assert said
    assert [line for line in said if MARKER in line] == []


def test_most_breakages_are_errors(tmp_path: Path) -> None:
    """Else the test above would look at nothing."""
    harmless = {"nothing", "cut", "anchor", "unquoted hash", "missing secret", "password for port"}
    for name, breakage in BREAKAGES.items():
        if name not in harmless:
            assert any(": error: " in line for line in lines(tmp_path, breakage(ALL))), name


def test_an_unquoted_password_that_looks_like_a_comment_is_told(tmp_path: Path) -> None:
    said = lines(tmp_path, GOOD.replace("fps: 5", "password: #hunter2"))
    assert said == [
        "7:5: warning: streams[0].password: has no value, so it counts as not given; "
        "a value that begins with # needs quotes"
    ]


def test_a_password_of_digits_stays_as_it_is_written() -> None:
    text = GOOD.replace("fps: 5", "password: 123456")
    spec = load_text(text, "site.yaml", {}).site.streams[0].source_spec()
    assert spec.model_dump()["password"].get_secret_value() == "123456"


def test_findings_as_json_holds_what_the_lines_hold(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_text(GOOD.replace("fps: 5", "fps: 99"), "site.yaml", {})
    assert json.loads(findings_as_json(caught.value.findings)) == [
        {
            "file": "site.yaml",
            "line": 7,
            "column": 5,
            "path": "streams[0].fps",
            "level": "error",
            "en": "must be at most 30, is 99",
            "zh": "必须不大于 30，现为 99",
        }
    ]


def test_the_environment_is_not_shown() -> None:
    assert os.environ["PATH"] not in repr(SecretStore(os.environ))
