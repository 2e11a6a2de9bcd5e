"""The commands in README.md and docs/, to be run as they stand there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = tuple(sorted([*ROOT.glob("README*.md"), *DOCS.glob("*.md")]))


def spoken(page: Path) -> list[list[str]]:
    """The words of every `sandwatch ...` line in a page's sh blocks, without that beginning."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.S)
    return list(_ours(shlex.split(line, comments=True) for block in blocks for line in block.splitlines()))


def commands(page: str, program: str) -> list[list[str]]:
    """Those of one program, `sandwatch PROGRAM ...`, of a page of docs/ or README; without that beginning."""
    folder = ROOT if page.startswith("README") else DOCS
    return [words[1:] for words in spoken(folder / page) if words[0] == program]


def _ours(lines: Iterator[list[str]]) -> Iterator[list[str]]:
    for words in lines:
        plain = words[1:] if words[:1] == ["sudo"] else words
        if plain[:1] == ["sandwatch"] and len(plain) > 1:
            yield plain[1:]
