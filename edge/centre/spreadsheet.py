"""A CSV file as the table of one consumer: to try things out, and for small centres."""

import csv
import io
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields
from datetime import datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from edge.centre.gaps import Gaps
from edge.centre.record import Record, dropped
from edge.centre.table import Missing, TableFailed
from streams.problem import Problem, Text

_COLUMNS = tuple(field.name for field in fields(Record))
_BOM = "\ufeff".encode()  # by which spreadsheets know UTF-8
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate (OWASP, CSV injection)


class Spreadsheet:
    """RFC 4180, one line per message: no value holds a line end, so what a kill left of a line can be cut off.

    Ids of the whole file are kept in memory: begin a new file before it has some millions of lines. Only one consumer
    may write it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: set[tuple[str, str]] = set()
        self._gaps: dict[str, Gaps] = defaultdict(Gaps)
        try:
            self._file = self._opened(path)
        except OSError as error:
            raise TableFailed(_unwritable(path, error)) from error

    def commit(self, records: Sequence[Record]) -> int:
        new = list({(each.site, each.id): each for each in records if not self._has(each)}.values())
        end = self._file.tell()
        try:
            self._file.write(_lines(new))
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            self._file.seek(end)
            raise TableFailed(_unwritable(self._path, error)) from error
        for each in new:
            self._learn(each)
        return len(new)

    def missing(self) -> list[Missing]:
        return [
            Missing(site, first, last)
            for site, gaps in sorted(self._gaps.items())
            for first, last in gaps.missing()
        ]

    def close(self) -> None:
        self._file.close()

    def _opened(self, path: Path) -> io.BufferedRandom:
        path.touch(mode=0o640)
        file = path.open("r+b")
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except OSError:
            file.close()
            raise TableFailed(_taken(path)) from None
        whole = 0
        for line in file:
            if line.endswith(b"\n"):
                whole += len(line)
                self._read(line)
        file.truncate(whole)
        file.seek(whole)
        if whole == 0:
            file.write(_BOM + (",".join(_COLUMNS) + "\r\n").encode())
        return file

    def _read(self, line: bytes) -> None:
        cells = next(csv.reader([line.decode().removeprefix("\ufeff")]))
        if tuple(cells) == _COLUMNS or len(cells) != len(_COLUMNS):
            return
        values = dict(zip(_COLUMNS, (_plain(cell) for cell in cells), strict=True))
        self._learn(Record(**{**values, "seq": int(values["seq"])}))  # type: ignore[arg-type]

    def _has(self, each: Record) -> bool:
        return (each.site, each.id) in self._known

    def _learn(self, each: Record) -> None:
        self._known.add((each.site, each.id))
        gaps = self._gaps[each.site]
        gaps.came(each.seq, datetime.fromisoformat(each.time))
        for first, last in dropped(each.payload):
            gaps.explained(first, last)


def _lines(records: Iterable[Record]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)  # its line ends are \r\n
    for each in records:
        writer.writerow([_safe(str(value)) for value in astuple(each)])
    return text.getvalue().encode()


def _safe(value: str) -> str:
    """On one line, and no formula: the payload's JSON has no raw line end, and other values need none."""
    line = value.replace("\r", " ").replace("\n", " ")
    return f"'{line}" if line.startswith(_FORMULA) else line


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _unwritable(path: Path, error: OSError) -> Problem:
    return Problem(
        "centre.csv",
        Text(f"{path} cannot be written: {error.strerror}", f"{path} 无法写入：{error.strerror}"),
        Text("check the folder, its owner and the disk's space", "请检查目录、属主和磁盘空间"),
    )


def _taken(path: Path) -> Problem:
    return Problem(
        "centre.csv_taken",
        Text(f"another consumer writes {path}", f"另一个接收程序正在写入 {path}"),
        Text(
            "give each its own file; several that share the load need PostgreSQL",
            "请分别指定文件；多个程序分担负载时须使用 PostgreSQL",
        ),
    )
