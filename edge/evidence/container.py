"""The zip a bundle is in: files stored as they are, one after the other, and not a byte that says nothing.

APPNOTE.TXT 6.3 of PKWARE, without compression, comments, extra fields or Zip64. The same files always make the same
bytes, so that what was changed anywhere in the zip is seen.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MOST_BYTES = (1 << 32) - 2
MOST_FILES = 65_000
_VERSION, _UTF8, _STORED = 20, 0x800, 0
_TIME, _DATE = 0, 0x21  # 1980-01-01, the zero of the format
_MADE_BY = 0x0300 | _VERSION  # Unix
_MODE = 0o100644 << 16
_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")
_BLOCK = 1 << 20
_LONGEST_NAME = 1024  # bytes: of one of our files


class TooLarge(Exception):
    """More than a zip of this form holds."""


class NotAZip(Exception):
    """It cannot be read as a zip, or claims to hold what it cannot. Its text says why."""


@dataclass(frozen=True, slots=True)
class Member:
    """offset: of its local header; size: of its content, bytes."""

    name: str
    offset: int
    size: int
    crc: int

    @property
    def header(self) -> bytes:
        name = self.name.encode()
        return (
            _LOCAL.pack(
                *(
                    b"PK\3\4",
                    _VERSION,
                    _UTF8,
                    _STORED,
                    _TIME,
                    _DATE,
                    self.crc,
                    self.size,
                    self.size,
                    len(name),
                    0,
                )
            )
            + name
        )

    @property
    def content(self) -> int:
        """Where its content begins."""
        return self.offset + _LOCAL.size + len(self.name.encode())

    @property
    def listed(self) -> bytes:
        """Its record in the central directory."""
        name = self.name.encode()
        when = (_MADE_BY, _VERSION, _UTF8, _STORED, _TIME, _DATE)
        size = (self.crc, self.size, self.size)
        return _CENTRAL.pack(b"PK\1\2", *when, *size, len(name), 0, 0, 0, 0, _MODE, self.offset) + name


def directory(members: Sequence[Member]) -> bytes:
    """What follows the files."""
    records = b"".join(member.listed for member in members)
    end = members[-1].content + members[-1].size if members else 0
    count = len(members)
    return records + _END.pack(b"PK\5\6", 0, 0, count, count, len(records), end, 0)


class Packer:
    """Writes a zip into a file that can be sought in."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._members: list[Member] = []

    def add(self, name: str, blocks: Iterable[bytes]) -> None:
        """Raises TooLarge, OSError."""
        start, size, crc = self._file.tell(), 0, 0
        self._file.write(Member(name, start, 0, 0).header)
        for block in blocks:
            size, crc = size + len(block), zlib.crc32(block, crc)
            if start + size > MOST_BYTES:
                raise TooLarge
            self._file.write(block)
        end, member = self._file.tell(), Member(name, start, size, crc)
        self._file.seek(start)
        self._file.write(member.header)
        self._file.seek(end)
        self._members.append(member)
        if len(self._members) > MOST_FILES:
            raise TooLarge

    def finish(self) -> None:
        """Raises TooLarge, OSError."""
        end = directory(self._members)
        if self._file.tell() + len(end) > MOST_BYTES:
            raise TooLarge
        self._file.write(end)


def _count_first(path: Path, size: int) -> None:
    """The library makes an object of every record of the directory: a file of 100 MB may hold two million, and lie about
    it. Raises NotAZip, OSError."""
    with path.open("rb") as file:
        file.seek(max(0, size - _END.size))
        end = file.read()
        if len(end) < _END.size or not end.startswith(b"PK\5\6"):
            raise NotAZip("it does not end as a zip of this form does")
        length = _END.unpack(end)[5]
        if length > MOST_FILES * (_CENTRAL.size + _LONGEST_NAME) or length + _END.size > size:
            raise NotAZip("its directory is larger than any bundle's")
        file.seek(size - _END.size - length)
        records = file.read(length).count(b"PK\1\2")
    if records > MOST_FILES:
        raise NotAZip(f"claims to hold {records} files")


class Unpacker:
    """Reads a zip's files, none of which is ever written anywhere. Raises NotAZip, OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        size = path.stat().st_size
        _count_first(path, size)
        try:
            with zipfile.ZipFile(path) as archive:
                infos = archive.infolist()
        except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, struct.error) as error:
            raise NotAZip(str(error)) from None
        if len(infos) > MOST_FILES:
            raise NotAZip(f"claims to hold {len(infos)} files")
        if any(info.compress_type != _STORED for info in infos):
            raise NotAZip("its files are compressed: it was packed again by another program")
        if sum(info.file_size for info in infos) > size:
            raise NotAZip("its files overlap")
        self.members = tuple(
            Member(info.filename, info.header_offset, info.file_size, info.CRC) for info in infos
        )

    def blocks(self, member: Member) -> Iterator[bytes]:
        """Its content; less than it should be where the zip ends before."""
        left = member.size
        with self._path.open("rb") as file:
            file.seek(member.content)
            while left and (block := file.read(min(left, _BLOCK))):
                left -= len(block)
                yield block

    def oddities(self) -> Iterator[str]:
        """Which parts of the zip itself are not as we write them: "the header of NAME", "its directory"."""
        with self._path.open("rb") as file:
            place = 0
            for member in self.members:
                file.seek(member.offset)
                if member.offset != place or file.read(len(member.header)) != member.header:
                    yield member.name
                place = member.content + member.size
            file.seek(place)
            expected = directory(self.members)
            if file.read(len(expected) + 1) != expected:
                yield ""
