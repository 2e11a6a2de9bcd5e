"""The words a site uses for what it watches, and the classes of a model they stand for."""

import difflib
from collections.abc import Iterable, Sequence

# Every detector we know calls a lorry seen from behind a bus or a train now and then: they count as one.
GROUPS: dict[str, frozenset[str]] = {
    "heavy_vehicle": frozenset({"truck", "bus", "train", "dump_truck", "tipper", "tractor"}),
    "machine": frozenset(
        {"excavator", "loader", "bulldozer", "dredger", "grader", "crane", "roller", "sand_washer"}
    ),
    "light_vehicle": frozenset({"car", "van", "motorcycle", "bicycle", "tricycle"}),
    "boat": frozenset({"vessel", "boat", "ship", "barge"}),
}
ANY = "any"

# What one object may be called from picture to picture. An excavator is often found as "truck".
_FAMILIES = ({"heavy_vehicle", "machine", "light_vehicle"}, {"boat"})


class UnknownObject(ValueError):
    """No class of the model and no group of that name. `suggestion`: the nearest known name, if any."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.known = tuple(sorted(known))
        near = difflib.get_close_matches(plain(name), self.known, n=1)
        self.suggestion = near[0] if near else None
        hint = f"did you mean {self.suggestion!r}?" if near else f"known: {', '.join(self.known)}"
        super().__init__(f"this model finds no {name!r}; {hint}")


def plain(name: str) -> str:
    """'Dump Truck', 'dump-truck' -> 'dump_truck'."""
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())


def expand(objects: Iterable[str], classes: Sequence[str]) -> frozenset[int]:
    """Names of classes or groups, or 'any' -> indices into `classes`.

    A group may have members the model lacks, even all of them, as long as something is left to look for:
    a rule that can never fire is an error. Raises UnknownObject (a ValueError), or ValueError.
    """
    index: dict[str, set[int]] = {}
    for number, name in enumerate(classes):
        index.setdefault(plain(name), set()).add(number)
    wanted = set[int]()
    names = tuple(objects)
    for name in names:
        wanted |= _members(name, index)
    if not wanted:
        raise ValueError(
            f"this model finds none of {', '.join(names) or 'nothing'}; it finds {', '.join(classes)}"
        )
    return frozenset(wanted)


def _members(name: str, index: dict[str, set[int]]) -> set[int]:
    word = plain(name)
    if word == ANY:
        return set().union(*index.values())
    if word not in index and word not in GROUPS:
        raise UnknownObject(name, {*index, *GROUPS, ANY})
    members = GROUPS.get(word, frozenset()) | {word}
    return set().union(*(index.get(member, ()) for member in members))


def families(classes: Sequence[str]) -> tuple[int, ...]:
    """For each class a number; classes of the same number may be the same thing, called differently."""
    names = [plain(name) for name in classes]
    return tuple(_family(name, names) for name in names)


def _family(name: str, names: list[str]) -> int:
    for number, groups in enumerate(_FAMILIES):
        if any(name in GROUPS[group] for group in groups):
            return number
    return len(_FAMILIES) + names.index(name)
