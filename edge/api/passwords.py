"""Passwords that are typed into a page: kept beside the box's other secrets, named in the site file."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from edge.settings.edit import SecretName
from edge.settings.secrets import SecretStore, SecretTrouble, folders
from streams.problem import Problem, ProblemError, Text


class NotKept(ProblemError):
    """`problem` says why, and where to put it by hand."""


class Keeper:
    """Of one change of the site file."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._made: list[Path] = []

    def keep(self, camera: str, password: SecretStr) -> SecretName:
        """Under a name that is free: an older copy of the site file goes on with the password it had. Raises NotKept."""
        known = folders(self._environ)
        if not known:
            raise NotKept(_NO_FOLDER)
        folder = known[-1]
        path = folder / _free(camera, SecretStore(self._environ))
        try:
            _write(path, password.get_secret_value().encode())
        except OSError as error:
            raise NotKept(_unwritable(folder, error)) from None
        self._made.append(path)
        return SecretName(path.name)

    def forget(self) -> None:
        """Nothing came of the change."""
        for path in self._made:
            path.unlink(missing_ok=True)


def _free(camera: str, store: SecretStore) -> str:
    stem = f"{re.sub(r'[^A-Za-z0-9]+', '-', camera).strip('-')[:40] or 'camera'}-password"
    number = 1
    while True:
        name = stem if number == 1 else f"{stem}-{number}"
        try:
            store.find(name)
        except SecretTrouble:
            return name
        number += 1


def _write(path: Path, data: bytes) -> None:
    """For nobody else, from the first byte on. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


_NO_FOLDER = Problem(
    "secret.no_folder",
    Text("this box has no folder to keep passwords in", "本网关没有存放密码的文件夹"),
    Text(
        "set SANDWATCH_SECRETS_DIR in its service, or store the secret by hand and write !secret NAME in the settings",
        "请在服务中设置 SANDWATCH_SECRETS_DIR，或手工存放密钥并在设置中写 !secret 名称",
    ),
)


def _unwritable(folder: Path, error: OSError) -> Problem:
    return Problem(
        "secret.unwritable",
        Text(f"{folder}: {error.strerror}", f"{folder}：{error.strerror}"),
        Text("let the gateway's user write there", "请允许网关用户写入该文件夹"),
    )
