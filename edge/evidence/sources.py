"""Where the files of a bundle come from: a zip that is never unpacked, or a folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from edge.evidence.container import Member, Unpacker
from edge.evidence.entries import Malformed
from edge.evidence.findings import Fault, Finding
from edge.evidence.hashes import Measured, Meter, blocks
from edge.evidence.places import is_safe, regular_files
from streams.problem import Text

NOT_LISTED = Text("nobody entered it", "没有登记过")


class Source(Protocol):
    """The files of a bundle by name; nothing is ever unpacked."""

    names: tuple[str, ...]

    def blocks(self, name: str) -> Iterator[bytes]:
        """Raises OSError."""

    def oddities(self) -> Iterator[Finding]: ...


def small(source: Source, name: str, most: int) -> bytes:
    """A file that is read as a whole. Raises KeyError where it is missing, Malformed where it is larger than any of its
    kind."""
    if name not in source.names:
        raise KeyError(name)
    data = bytearray()
    for block in source.blocks(name):
        data += block
        if len(data) > most:
            raise Malformed("too large")
    return bytes(data)


def read(source: Source, name: str) -> Measured:
    meter = Meter()
    for _ in meter.through(source.blocks(name)):
        pass
    return meter.measured


class Zip:
    """The first of two files of one name counts; the second is told."""

    def __init__(self, path: Path) -> None:
        self._zip = Unpacker(path)
        self._members: dict[str, Member] = {}
        for member in self._zip.members:
            self._members.setdefault(member.name, member)
        self.names = tuple(self._members)

    def blocks(self, name: str) -> Iterator[bytes]:
        return self._zip.blocks(self._members[name])

    def oddities(self) -> Iterator[Finding]:
        if len(self._members) < len(self._zip.members):
            yield Finding(Fault.CONTAINER, "zip", Text("has two files of one name", "存在同名文件"))
        for name in self._zip.oddities():
            what = (
                Text(f"the header of {name}", f"{name} 的文件头") if name else Text("its directory", "目录区")
            )
            detail = Text(f"{what.en} is not as it was exported", f"{what.zh}与导出时不同")
            yield Finding(Fault.CONTAINER, name or "zip", detail)


class Folder:
    """An unpacked bundle."""

    def __init__(self, root: Path) -> None:
        self._root = root
        names = (path.relative_to(root).as_posix() for path, _ in regular_files(root))
        self.names = tuple(sorted(names))

    def blocks(self, name: str) -> Iterator[bytes]:
        return blocks(self._root / name)

    def oddities(self) -> Iterator[Finding]:
        return (Finding(Fault.INSERTED, name, NOT_LISTED) for name in self.names if not is_safe(name))
