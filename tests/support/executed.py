"""The commands in a page of docs/, to be run as they stand there."""

import re
import shlex
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def commands(page: str, program: str) -> list[list[str]]:
    """The words of every `sandwatch PROGRAM ...` line in the page's sh blocks, without that beginning."""
    blocks = re.findall(r"```sh\n(.*?)```", (DOCS / page).read_text("utf-8"), re.S)
    lines = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
    return [words[2:] for words in lines if words[:2] == ["sandwatch", program]]
