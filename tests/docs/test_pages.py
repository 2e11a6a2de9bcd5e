"""README.md and docs/: what they name is there, and what they tell to type is a command, and is run by a test."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from edge.cli import app
from tests.support.executed import PAGES, ROOT, spoken

_LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")
_PROGRAMS = [(page, words) for page in PAGES for words in spoken(page)]


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", [*PAGES, ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md"], ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    away = ("http://", "https://", "mailto:")
    targets = {found for found, _ in _LINK.findall(page.read_text("utf-8")) if not found.startswith(away)}
    assert not [target for target in sorted(targets) if not (page.parent / target).exists()]


@pytest.mark.parametrize(
    ("page", "words"), _PROGRAMS, ids=[f"{named(page)}-{'-'.join(words[:2])}" for page, words in _PROGRAMS]
)
def test_what_is_to_be_typed_is_a_command_with_these_options(
    page: Path, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for word in words:  # files that a command wants to be there
        if re.fullmatch(r"[\w.]+\.(yaml|zip|mp4|txt|jpg|geojson|csv)", word):
            Path(word).touch()
    Path("folder").mkdir()
    taken(typer.main.get_command(app), "sandwatch", words, None)


def taken(command: Any, name: str, words: list[str], above: Any) -> None:
    """As far as the words are read, without running anything. Raises typer's UsageError."""
    with command.make_context(name, list(words), parent=above) as context:
        rest = [*context._protected_args, *context.args]
        if rest and hasattr(command, "resolve_command"):
            found, below, rest = command.resolve_command(context, rest)
            taken(below, found, rest, context)


def test_every_page_that_says_what_to_type_has_a_test_that_types_it() -> None:
    """tests/support/executed.py gives them their commands."""
    tests = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    told = {(page.name, words[0]) for page, words in _PROGRAMS}
    typed = {one for one in told for text in tests if f'commands("{one[0]}", "{one[1]}")' in text}
    assert told == typed
