"""Where `!secret NAME` finds its value: systemd credentials, a folder of files, or the environment."""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from streams.problem import Text

# Starts with a letter or digit and holds no slash: a name can never leave its folder.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_LONGEST = 64 * 1024  # bytes; a certificate chain fits, a mistaken picture does not


class SecretTrouble(LookupError):
    """A secret that cannot be had; `text` says why and where it was looked for, never its value."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


def folders(environ: Mapping[str, str]) -> list[Path]:
    """$SANDWATCH_SECRETS_DIR: one, or several as in $PATH (a command of root's reads the service's, too)."""
    return [Path(each) for each in environ.get("SANDWATCH_SECRETS_DIR", "").split(os.pathsep) if each]


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret as found. warning: what is unsafe about the place it was found in, if anything."""

    value: SecretStr
    warning: Text | None = None


@dataclass(frozen=True, slots=True)
class SecretStore:
    """The three places, in the order they are asked. environ: usually os.environ; never shown."""

    environ: Mapping[str, str] = field(repr=False)

    def find(self, name: str) -> Secret:
        """Raises SecretTrouble."""
        if not _NAME.fullmatch(name):
            raise SecretTrouble(_BAD_NAME)
        given = self.environ.get("CREDENTIALS_DIRECTORY")
        places = [
            *([(Path(given), False)] if given else []),
            *((each, True) for each in folders(self.environ)),
        ]
        for folder, checked in places:
            if found := _from_file(folder / name, name, checked):
                return found
        value = self.environ.get(_variable(name))
        if value is None:
            raise SecretTrouble(_missing(name))
        return Secret(_usable(value, name))


def _from_file(path: Path, name: str, check_mode: bool) -> Secret | None:
    """None where there is no such file. systemd looks after the mode of its own credentials."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(path.stat().st_mode)
            raw = file.read(_LONGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SecretTrouble(_unreadable(name, path, error.strerror or "cannot be read")) from None
    if len(raw) > _LONGEST:
        raise SecretTrouble(_unreadable(name, path, "larger than 64 KiB"))
    text = _decoded(raw)
    if text is None:
        raise SecretTrouble(_unreadable(name, path, "not UTF-8 text"))
    return Secret(_usable(text, name), _too_open(path) if check_mode and mode & 0o077 else None)


def _decoded(raw: bytes) -> str | None:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None  # the error object holds the bytes: it ends here


def _usable(text: str, name: str) -> SecretStr:
    """Without the newline that editors and echo leave at the end."""
    value = text.removesuffix("\n").removesuffix("\r")
    if not value:
        raise SecretTrouble(Text(f"secret '{name}' is empty", f"密钥“{name}”是空的"))
    return SecretStr(value)


def _variable(name: str) -> str:
    return "SANDWATCH_SECRET_" + re.sub(r"[-.]", "_", name.upper())


_BAD_NAME = Text(
    "a secret's name has letters, digits, - _ and . only, and begins with a letter or digit",
    "密钥名只能含字母、数字、- _ .，且以字母或数字开头",
)


def _missing(name: str) -> Text:
    places = f"$CREDENTIALS_DIRECTORY/{name}, $SANDWATCH_SECRETS_DIR/{name}, ${_variable(name)}"
    return Text(f"no secret '{name}'; looked for {places}", f"找不到密钥“{name}”；已查找 {places}")


def _unreadable(name: str, path: Path, why: str) -> Text:
    return Text(
        f"secret '{name}' cannot be read from {path}: {why}", f"无法从 {path} 读取密钥“{name}”：{why}"
    )


def _too_open(path: Path) -> Text:
    return Text(
        f"{path} can be read by other users; chmod 600 it", f"其他用户也能读取 {path}；请执行 chmod 600"
    )
