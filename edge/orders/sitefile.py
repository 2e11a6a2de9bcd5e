"""The site file: shown, checked, and another one put in its place. To a centre and from one, secrets neither leave nor
come in."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, BaseModel, JsonValue, SecretStr

from edge.orders.history import FILE, Copy, History
from edge.orders.problems import OrderFailed, OrderRefused
from edge.orders.trial import Note, Trial
from edge.orders.words import FindingData
from edge.plan import plan
from edge.reload.problems import storage_moved
from edge.settings.document import Document, parse
from edge.settings.finding import DocumentPath, Finding, SettingsError, written
from edge.settings.loader import Loaded, load_text
from edge.settings.model import Site
from edge.settings.privacy import texts, url_password
from edge.settings.secrets import Secret, SecretStore
from streams.problem import Problem, Text

_FOLDER = "config"  # of dated copies, under storage.path
LARGEST = 512 * 1024  # bytes of a site file that comes by order: 1,000 cameras
_MASKED = "***"
_URLS = ("url", "record", "analyse")  # held for secrets as a whole, since a password may stand in them
_TOLD = 20  # findings in a refusal


@dataclass(frozen=True, slots=True)
class Shown:
    """text: YAML without comments. masked: where a secret stands in the file itself. sha256: of the file as it is."""

    text: str
    masked: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class Applied:
    """A text that is in place. id: of its copy; uri: where that lies under storage.path."""

    id: str
    uri: str
    sha256: str
    warnings: int


@dataclass(frozen=True, slots=True)
class SiteFile:
    """path: of the site file. storage: storage.path of the gateway that runs. reload: has it look at the file now. What
    is not `async` waits for the disk: for threads."""

    path: Path
    storage: Path
    reload: Callable[[], None]

    @property
    def trial(self) -> Trial:
        return Trial(self.path)

    @property
    def copies(self) -> History:
        return History(self.storage / _FOLDER)

    def text(self) -> str:
        """As it is, whatever stands in it in the open. Raises OrderFailed."""
        return self._raw().decode("utf-8-sig")

    def shown(self) -> Shown:
        """Raises OrderFailed, OrderRefused."""
        raw = self._raw()
        text = raw.decode("utf-8-sig")
        masked = _in_the_open(_loaded(lambda: load_text(text, str(self.path))).site, text)
        document = parse(text, str(self.path), _Names({}))
        lines = _Writer(document, frozenset(masked)).value(document.data, ())
        return Shown(f"{lines}\n", tuple(written(path) for path in masked), _sha256(raw))

    def history(self) -> tuple[Copy, ...]:
        """The newest first."""
        return self.copies.all()

    def copy(self, ident: str) -> str:
        """The text of one of `history`. Raises OrderRefused, OrderFailed."""
        try:
            return self.copies.text(ident).decode("utf-8-sig")
        except KeyError:
            raise OrderRefused(_NO_COPY) from None
        except OSError as error:
            raise OrderFailed(_unreadable(self.path, error)) from error

    async def apply(self, text: str, who: str, based_on: str | None = None) -> Applied:
        """In place when it returns, and about to be carried out; what comes of that `status` tells. Of a person at the
        box, who may write what an editor may. Raises as `put`."""
        applied = await asyncio.to_thread(self.put, text, who, based_on)
        self.reload()
        return applied

    async def back(self, ident: str, who: str) -> Applied:
        """As it was once. Raises as `put`."""
        return await self.apply(await asyncio.to_thread(self.copy, ident), who)

    def checked(self, text: str) -> Loaded:
        """A text that may take its place. Raises OrderRefused with every finding."""
        loaded = _loaded(lambda: _planned(load_text(text, str(self.path))))
        if loaded.site.storage.path.absolute() != self.storage.absolute():
            raise OrderRefused(_STORAGE)
        return loaded

    def closed(self, text: str) -> Loaded:
        """The same of a text from afar: no secret stands in it in the open."""
        loaded = _loaded(lambda: load_text(text, str(self.path)))
        if open_ones := _in_the_open(loaded.site, text):
            found = [loaded.finding(path, _OPEN) for path in open_ones]
            raise OrderRefused(_NOT_VALID, map(_finding, found[:_TOLD]))
        return self.checked(text)

    def put(self, text: str, who: str, based_on: str | None = None, order: str | None = None) -> Applied:
        """In its place, on trial, with dated copies of both. order: id of the order, where it came from afar. Raises
        OrderRefused where it has errors or the file is not the one that was changed, OrderFailed where the disk
        refuses."""
        loaded = self.checked(text) if order is None else self.closed(text)
        raw = self._raw()
        if based_on is not None and based_on != _sha256(raw):
            raise OrderRefused(_CHANGED)
        if self.trial.on:
            raise OrderRefused(_ON_TRIAL)
        data = text.encode()
        previous = self.trial.note
        try:
            self.copies.noted(raw, FILE)
            copy = self.copies.add(data, who)
            uri = f"{_FOLDER}/{copy.id}.yaml"
            applied = Applied(copy.id, uri, copy.sha256, len(loaded.warnings))
            result: dict[str, JsonValue] = {"uri": uri, "sha256": copy.sha256, "warnings": applied.warnings}
            before = raw.decode("utf-8-sig")
            self.trial.begin(text, Note(who=who, id=order or "", previous=before, result=result))
        except OSError as error:
            self.trial.withdraw(previous)
            raise OrderFailed(_unwritable(self.path, error)) from error
        return applied

    def _raw(self) -> bytes:
        """Raises OrderFailed."""
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise OrderFailed(_unreadable(self.path, error)) from error


class _Names(SecretStore):
    """In the place of every secret, its name."""

    def find(self, name: str) -> Secret:
        return Secret(SecretStr(name))


class _Writer:
    """A document as YAML in flow style: JSON, with !secret. Unquoted values stay as they are written (0123, 5s)."""

    def __init__(self, document: Document, masked: frozenset[DocumentPath]) -> None:
        self._document, self._masked = document, masked

    def value(self, value: Any, path: DocumentPath) -> str:
        if path in self._masked:
            return json.dumps(_MASKED)
        if path in self._document.secrets:
            return f"!secret {json.dumps(value)}"
        inner = "\n" + "  " * (len(path) + 1)
        if isinstance(value, dict) and value:
            items = [f"{_text(key)}: {self.value(item, (*path, key))}" for key, item in value.items()]
            return "{" + ",".join(inner + item for item in items) + inner[:-2] + "}"
        if isinstance(value, list) and value:
            items = [self.value(item, (*path, number)) for number, item in enumerate(value)]
            return "[" + ",".join(inner + item for item in items) + inner[:-2] + "]"
        return self._document.plain.get(path) or _text(value)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _in_the_open(site: Site, text: str) -> list[DocumentPath]:
    """Where a secret stands in the text itself: whatever the models hold for one, and a password in any URL."""
    document = parse(text, "", _Names({}))
    held = dict(_secrets(site, document.data, ()))
    within = [path for path, value in texts(document.data, ()) if "://" in value and url_password(value)]
    all_of_it = [path for path in held if path[-1] not in _URLS or url_password(held[path]) is not None]
    return [path for path in dict.fromkeys([*all_of_it, *within]) if path not in document.secrets]


def _secrets(value: Any, data: Any, path: DocumentPath) -> Iterator[tuple[DocumentPath, str]]:
    """Everything in a checked site that the models hold for a secret, with its place in the document."""
    if isinstance(value, SecretStr):
        yield path, value.get_secret_value()
    elif isinstance(value, BaseModel) and isinstance(data, dict):
        for name, key in _keys(value, data):
            yield from _secrets(getattr(value, name), data[key], (*path, key))
    elif isinstance(value, Mapping) and isinstance(data, dict):
        for key in value.keys() & data.keys():
            yield from _secrets(value[key], data[key], (*path, key))
    elif isinstance(value, tuple | list) and isinstance(data, list):
        for number, (one, item) in enumerate(zip(value, data, strict=False)):
            yield from _secrets(one, item, (*path, number))


def _keys(model: BaseModel, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names of its fields, and the keys they have in the document."""
    for name, field in type(model).model_fields.items():
        alias = field.validation_alias
        choices = [str(one) for one in alias.choices] if isinstance(alias, AliasChoices) else []
        for key in (name, field.alias, *choices):
            if key is not None and key in data:
                yield name, key
                break


def _loaded(load: Callable[[], Loaded]) -> Loaded:
    """Raises OrderRefused for a SettingsError."""
    try:
        return load()
    except SettingsError as error:
        raise OrderRefused(_NOT_VALID, map(_finding, error.findings[:_TOLD])) from None


def _planned(loaded: Loaded) -> Loaded:
    plan(loaded)
    return loaded


def _finding(finding: Finding) -> FindingData:
    message = finding.message
    return FindingData(
        path=finding.path,
        line=finding.mark.line,
        level=finding.level.value,
        en=message.en,
        zh=message.zh,
    )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _unreadable(path: Path, error: OSError) -> Problem:
    return Problem(
        "config.unreadable",
        Text(f"{path}: {error.strerror}", f"{path}：{error.strerror}"),
        Text("let the gateway's user read its site file", "请允许网关用户读取站点文件"),
    )


def _unwritable(path: Path, error: OSError) -> Problem:
    return Problem(
        "config.unwritable",
        Text(
            f"{path} cannot be exchanged: {error.strerror}; nothing was changed",
            f"无法更换 {path}：{error.strerror}；未作任何更改",
        ),
        Text(
            "keep the site file in a folder the gateway's user may write to, such as its state directory",
            "请把站点文件放在网关用户可写入的目录，例如其状态目录",
        ),
    )


_NOT_VALID = Problem(
    "config.invalid",
    Text("the site file has errors; nothing was changed", "站点文件有错误；未作任何更改"),
    Text("correct what the findings name", "请按所列问题更正"),
)
_OPEN = Text(
    "has a secret in the open; write !secret NAME, and store the value on the box",
    "不能含明文密钥；请写 !secret 名称，并把值存放在网关上",
)
_STORAGE = storage_moved()
_NO_COPY = Problem(
    "config.no_copy",
    Text("there is no such copy of the site file any more", "已没有该站点文件副本"),
    Text("choose one of the list", "请从列表中选择"),
)
_CHANGED = Problem(
    "config.changed",
    Text("the site file is another one than the change was made from", "站点文件已与修改时不同"),
    Text("get it anew, make the change again", "请重新获取后再修改"),
)
_ON_TRIAL = Problem(
    "config.on_trial",
    Text("another change is on trial", "另一项更改正在试运行"),
    Text("wait two minutes, then ask again", "请两分钟后重试"),
)
