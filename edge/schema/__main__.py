"""`python -m edge.schema`: writes every document into config/, where it is missing or stale."""

from pathlib import Path

from edge.schema.generate import write

for path in write(Path(__file__).parents[2] / "config"):
    print(path)  # noqa: T201 (a tool for developers)
