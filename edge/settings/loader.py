"""From a file to a Site, or to everything that is wrong with it."""

import codecs
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.settings.assembly import site_model
from edge.settings.document import Document, parse
from edge.settings.finding import (
    DocumentPath,
    Finding,
    Level,
    Mark,
    SettingsError,
    in_order,
    nearest,
    written,
)
from edge.settings.model import Site
from edge.settings.peek import used_kinds
from edge.settings.review import review
from edge.settings.secrets import SecretStore
from edge.settings.validation import validate
from streams.problem import Text

_LARGEST = 2 * 1024 * 1024  # bytes; 1,000 cameras take about 0.5 MB


@dataclass(frozen=True, slots=True)
class Loaded:
    """A site that can be run, and what its file might do better."""

    site: Site
    warnings: tuple[Finding, ...]
    file: str
    marks: Mapping[DocumentPath, Mark]

    def finding(self, path: DocumentPath, text: Text, level: Level = Level.ERROR) -> Finding:
        """What is found later, by whoever tries to carry the site out, with its place in the file."""
        return Finding(self.file, nearest(self.marks, path), written(path), text, level)


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Loaded:
    """Read, check and assemble a site file. environ: where secrets are looked for.

    Raises SettingsError with every finding; nothing else, whatever the file holds.
    """
    return load_text(_read(path), str(path), environ)


def load_text(text: str, file: str, environ: Mapping[str, str] = os.environ) -> Loaded:
    """The same for a text already read; file: what findings call it. Raises SettingsError."""
    document = parse(text, file, SecretStore(environ))
    site = _site(document)
    if site is None:
        raise SettingsError(document.findings)
    return Loaded(site, in_order(document.findings), file, document.marks)


def _site(document: Document) -> Site | None:
    """None where there is an error, then among the document's findings."""
    if not isinstance(document.data, dict):
        if not document.failed:
            document.add((), _EMPTY if document.data is None else _NOT_MAPPING)
        return None
    site = validate(document, site_model(used_kinds(document), lenient=True))
    review(document)
    return None if document.failed else site


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        raise _unreadable(path, _WHY.get(type(error), _UNREADABLE)) from None
    if len(raw) > _LARGEST:
        raise _unreadable(path, _TOO_LARGE)
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        start = error.start
    line = raw[:start].rpartition(b"\n")[2].decode("utf-8")
    mark = Mark(raw.count(b"\n", 0, start) + 1, len(line) + 1)
    raise _unreadable(path, _NOT_UTF8, mark)  # outside the handler: its error holds the whole file


def _unreadable(path: Path, text: Text, mark: Mark | None = None) -> SettingsError:
    return SettingsError([Finding(str(path), mark or Mark(), "", text)])


_EMPTY = Text(
    "is empty; begin with config/site.example.yaml", "文件是空的；请从 config/site.example.yaml 开始"
)
_NOT_MAPPING = Text("needs a mapping ('key: value' lines) at the top", "顶层须为映射（“键: 值”）")
_NOT_UTF8 = Text("is not UTF-8; save the file as UTF-8", "不是 UTF-8 编码；请存为 UTF-8")
_TOO_LARGE = Text("is larger than 2 MB; is this a site file?", "超过 2 MB；这是站点文件吗？")
_UNREADABLE = Text("cannot be read", "无法读取")
_WHY: dict[type[OSError], Text] = {
    FileNotFoundError: Text("there is no such file", "没有这个文件"),
    IsADirectoryError: Text("is a folder, not a file", "是文件夹，不是文件"),
    PermissionError: Text("may not be read by this user", "当前用户无权读取"),
}
