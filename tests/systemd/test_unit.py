"""The unit as systemd itself judges it (systemd-analyze, of Debian's package systemd)."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

from edge import liveness
from edge.errors import EX_CONFIG

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "systemd" / "sandwatch.service"
MOST = 15  # tenths of "exposure"; 100 is a service without any fence


def analyze(*arguments: str) -> "subprocess.CompletedProcess[str]":
    program = shutil.which("systemd-analyze")
    assert program is not None, "systemd-analyze is missing: apt-get install systemd"
    return subprocess.run(
        [program, "--no-pager", *arguments], check=False, capture_output=True, text=True, timeout=60
    )


def values(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", UNIT.read_text("utf-8"), re.M)


def test_it_is_fenced_in() -> None:
    judged = analyze("security", "--offline=true", f"--threshold={MOST}", str(UNIT))
    assert judged.returncode == 0, judged.stdout.splitlines()[-1]
    assert "Overall exposure level" in judged.stdout


def test_the_fence_is_measured(tmp_path: Path) -> None:
    open_one = tmp_path / UNIT.name
    open_one.write_text(
        UNIT.read_text("utf-8").replace("ProtectSystem=strict", "").replace("SystemCall", "#")
    )
    assert analyze("security", "--offline=true", f"--threshold={MOST}", str(open_one)).returncode != 0


def test_systemd_knows_every_word_of_it(tmp_path: Path) -> None:
    """Also of the examples, which are read as the drop-ins that they become."""
    unit = tmp_path / UNIT.name
    unit.write_text(
        UNIT.read_text("utf-8").replace("/opt/sandwatch/bin/sandwatch", shutil.which("true") or "")
    )
    beside = tmp_path / f"{UNIT.name}.d"
    beside.mkdir()
    for example in examples():
        shutil.copy(example, beside / example.name)
    verified = analyze("verify", "--man=no", str(unit))
    assert (verified.returncode, verified.stderr) == (0, "")


def test_examples_are_drop_ins() -> None:
    assert {example.name for example in examples()} == {"credentials.conf", "gpu.conf", "port.conf"}
    for example in examples():
        parser = configparser.ConfigParser(strict=False, delimiters=("=",), interpolation=None)
        parser.optionxform = str  # type: ignore[method-assign,assignment]
        parser.read_string(example.read_text("utf-8"))
        assert parser.sections() == ["Service"], example


def test_systemd_does_not_start_again_what_a_person_has_to_mend() -> None:
    assert values("RestartPreventExitStatus") == [str(EX_CONFIG)]


def test_the_watchdog_is_longer_than_two_looks() -> None:
    """One look may take as long as the outbox is given, and the next begins a share of the watchdog later."""
    (watchdog,) = map(float, values("WatchdogSec"))
    assert watchdog / liveness._SHARE + liveness._OUTBOX < watchdog


def test_the_account_and_the_folder_are_those_the_unit_uses() -> None:
    (user,) = values("User")
    (folder,) = values("StateDirectory")
    accounts = (ROOT / "systemd" / "sandwatch.sysusers").read_text("utf-8")
    folders = (ROOT / "systemd" / "sandwatch.tmpfiles").read_text("utf-8")
    assert re.search(rf"^u {user} ", accounts, re.M)
    assert re.search(rf"^d /var/lib/{folder} 0700 {user} {user} ", folders, re.M)


def examples() -> list[Path]:
    return sorted((ROOT / "systemd" / "examples").glob("*.conf"))
