"""Which models there are, and whether each could be used."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from inference.manifest import Model, ModelRefused, verified
from streams.problem import Problem


@dataclass(frozen=True, slots=True)
class Entry:
    """One manifest. model: None where it was refused, and `problem` says why.

    hidden: an earlier folder of the search path has a model of the same name, which is the one that is used.
    """

    name: str
    manifest: Path
    model: Model | None
    problem: Problem | None
    hidden: bool


def entries(folders: Iterable[Path]) -> Iterator[Entry]:
    """Every manifest in the folders, in the order they are searched; each model file is hashed."""
    taken = set[str]()
    for folder in folders:
        for manifest in sorted(folder.glob("*.yaml")):
            yield _entry(manifest, hidden=manifest.stem in taken)
            taken.add(manifest.stem)


def _entry(manifest: Path, *, hidden: bool) -> Entry:
    try:
        return Entry(manifest.stem, manifest, verified(manifest), None, hidden)
    except ModelRefused as refused:
        return Entry(manifest.stem, manifest, None, refused.problem, hidden)
