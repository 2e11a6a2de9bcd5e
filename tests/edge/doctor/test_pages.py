"""What the pages for technicians name is there."""

import re
from pathlib import Path

from streams import kinds

ROOT = Path(__file__).parents[3]
LAYERS = ("streams", "inference", "relay", "edge")


def first_column(page: str) -> list[str]:
    return re.findall(r"^\| (.*?) \|", (ROOT / "docs" / page).read_text("utf-8"), re.M)


def test_every_code_of_the_troubleshooting_table_is_said_by_the_program() -> None:
    sources = "\n".join(
        file.read_text("utf-8") for layer in LAYERS for file in sorted((ROOT / layer).rglob("*.py"))
    )
    codes = re.findall(r"`([a-z]+\.[a-z_]+)`", "\n".join(first_column("troubleshooting.md")))
    assert len(codes) > 20
    assert [code for code in codes if f'"{code}"' not in sources] == []


def test_every_check_of_the_doctor_is_explained() -> None:
    assert set(kinds.known("edge.doctor.checks")) <= set(first_column("install.md"))
