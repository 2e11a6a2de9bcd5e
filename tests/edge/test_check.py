"""What `sandwatch check FILE` prints and how it exits."""

from pathlib import Path

from edge.check import examine, report
from tests.edge.settings.documents import ALL, GOOD


def written(folder: Path, text: str) -> Path:
    file = folder / "site.yaml"
    file.write_text(text)
    return file


def test_a_good_site_is_one_short_line(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD)
    assert report(file, "en", {}) == ([f"{file}: ok: 1 stream, 1 rule"], 0)
    assert report(file, "zh", {}) == ([f"{file}: 正确：1 路视频，1 条规则"], 0)


def test_warnings_do_not_fail(tmp_path: Path) -> None:
    file = written(tmp_path, ALL)
    said, code = report(file, "en", {})
    assert code == 0
    assert len(said) == 4
    assert all(": warning: " in line for line in said[:3])
    assert said[-1] == f"{file}: ok: 3 streams, 1 rule, 3 warnings"


def test_errors_fail_and_are_counted(tmp_path: Path) -> None:
    file = written(tmp_path, ALL.replace("fps: 2.5", "fps: 250").replace("level: info", "level: loud"))
    said, code = report(file, "en", {})
    assert code == 1
    assert sum(": error: " in line for line in said) == 2
    assert said[-1] == f"{file}: 2 errors, 3 warnings"
    numbers = [int(line.removeprefix(f"{file}:").split(":")[0]) for line in said[:-1]]
    assert numbers == sorted(numbers)


def test_examine_gives_the_site_or_none(tmp_path: Path) -> None:
    site, findings = examine(written(tmp_path, GOOD), {})
    assert site is not None
    assert findings == ()
    assert examine(tmp_path / "none.yaml", {})[0] is None
