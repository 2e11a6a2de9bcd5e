"""The site file as it may be shown to a centre and given by one: secrets neither leave nor come in."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, BaseModel, SecretStr

from edge.orders.problems import OrderFailed, OrderRefused
from edge.orders.trial import Note, Trial
from edge.orders.words import FindingData
from edge.plan import plan
from edge.settings.document import Document, parse
from edge.settings.finding import DocumentPath, Finding, SettingsError, written
from edge.settings.loader import Loaded, load, load_text
from edge.settings.model import Site
from edge.settings.privacy import texts, url_password
from edge.settings.secrets import Secret, SecretStore
from streams import whole
from streams.problem import Problem, Text

LARGEST = 512 * 1024  # bytes of a site file that comes by order: 1,000 cameras
_MASKED = "***"
_URLS = ("url", "record", "analyse")  # held for secrets as a whole, since a password may stand in them
_COPIES = 20  # dated copies that are kept
_TOLD = 20  # findings in a refusal


@dataclass(frozen=True, slots=True)
class Shown:
    """text: YAML without comments. masked: where a secret stands in the file itself. sha256: of the file as it is."""

    text: str
    masked: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class SiteFile:
    """path: of the site file. restart: asks for another round (edge.orders.rounds)."""

    path: Path
    restart: Callable[[], None]

    @property
    def trial(self) -> Trial:
        return Trial(self.path)

    def shown(self) -> Shown:
        """Raises OrderFailed, OrderRefused."""
        raw = self._raw()
        text = raw.decode("utf-8-sig")
        masked = _in_the_open(_loaded(lambda: load_text(text, str(self.path))).site, text)
        document = parse(text, str(self.path), _Names({}))
        lines = _Writer(document, frozenset(masked)).value(document.data, ())
        return Shown(f"{lines}\n", tuple(written(path) for path in masked), _sha256(raw))

    def checked(self, text: str) -> Loaded:
        """A text that may take its place. Raises OrderRefused with every finding."""
        loaded = _loaded(lambda: _planned(load_text(text, str(self.path))))
        if open_ones := _in_the_open(loaded.site, text):
            found = [loaded.finding(path, _OPEN) for path in open_ones]
            raise OrderRefused(_NOT_VALID, map(_finding, found[:_TOLD]))
        here = _loaded(lambda: load(self.path)).site.storage.path
        if loaded.site.storage.path.absolute() != here.absolute():
            raise OrderRefused(_STORAGE)
        return loaded

    def put(self, text: str, storage: Path, note: Callable[[str, str], Note], based_on: str | None) -> None:
        """In its place, on trial, with dated copies of both. note: of what was there before and the new copy's name.
        Raises OrderRefused where the file is not the one that was changed, OrderFailed where the disk refuses."""
        raw = self._raw()
        if based_on is not None and based_on != _sha256(raw):
            raise OrderRefused(_CHANGED)
        if self.trial.note is not None:
            raise OrderRefused(_ON_TRIAL)
        copies = storage / "config"
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        try:
            _copy(copies / f"{stamp}-before.yaml", raw)
            name = f"{stamp}-new.yaml"
            _copy(copies / name, text.encode())
            _sweep(copies)
            self.trial.begin(text, note(raw.decode("utf-8-sig"), f"config/{name}"))
        except OSError as error:
            self.trial.forget()
            raise OrderFailed(_unwritable(self.path, error)) from error

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


def _copy(path: Path, data: bytes) -> None:
    """For nobody else: an old file may hold secrets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    whole.write(path, data)


def _sweep(folder: Path) -> None:
    for old in sorted(folder.glob("*.yaml"))[:-_COPIES]:
        old.unlink(missing_ok=True)


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
_STORAGE = Problem(
    "config.storage",
    Text("storage.path cannot be changed from afar", "不能远程更改 storage.path"),
    Text(
        "events that wait there would be left behind: change it on the box",
        "待发事件会遗留在原处：请在网关上更改",
    ),
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
