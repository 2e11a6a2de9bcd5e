"""A camera's user and password as a command is given them: never as an argument, which every user of a machine sees."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from streams.problem import Misconfigured, Problem, Text

_LONGEST = 1024  # characters


@dataclass(frozen=True, slots=True)
class Login:
    user: str | None = None
    password: SecretStr | None = None


def login(
    user: str | None,
    source: str | None,
    prompt: Callable[[], str] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Login:
    """source: the name of an environment variable or else of a file; "-": one line of standard input. prompt: asks the
    person for it where no source is given. Raises Misconfigured."""
    if source is not None:
        return Login(user, SecretStr(_read(source, environ)))
    return Login(user, SecretStr(prompt()) if user is not None and prompt is not None else None)


def _read(source: str, environ: Mapping[str, str]) -> str:
    if source in environ:
        text = environ[source]
    elif source == "-":
        text = sys.stdin.readline(_LONGEST)
    else:
        try:
            with Path(source).open(encoding="utf-8-sig") as file:
                text = file.readline(_LONGEST)
        except (OSError, UnicodeDecodeError):
            text = ""
    if not (found := text.rstrip("\r\n")):
        raise Misconfigured(_NOWHERE)
    return found


_NOWHERE = Problem(
    "login.password",
    Text(
        "--password-from names neither an environment variable nor a file that holds a password",
        "--password-from 既不是环境变量，也不是含有密码的文件",
    ),
    Text(
        "name a variable, or a file that only you may read (chmod 600), or - for standard input",
        "请填写环境变量名、仅本人可读的文件（chmod 600），或用 - 表示标准输入",
    ),
)
