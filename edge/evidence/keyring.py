"""The device's private key: made at first start, in a file that the gateway alone can read, or given as a secret.

A rotation is prepared by a second file beside the first, and done by whoever writes the chain.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from edge.evidence.problems import key_unreadable, no_sm2
from edge.evidence.signing import Algorithm, KeyUnreadable, NoSm2, PrivateKey, made, read

_FILE, _NEXT = "device.key", "device.next.key"
_LONGEST = 16 << 10  # bytes; ours has 119


@dataclass(frozen=True, slots=True)
class KeyRing:
    """storage: where the files lie. given: the key in PEM, where the site has it as a secret."""

    storage: Path
    algorithm: Algorithm
    given: SecretStr | None = None

    def current(self) -> PrivateKey | None:
        """None: there is none yet. Raises KeyTrouble."""
        if self.given is not None:
            return _read(self.given.get_secret_value().encode(), "evidence.key")
        return self.filed()

    def filed(self) -> PrivateKey | None:
        """The one in the file, even where another is given. Raises KeyTrouble."""
        return _of_file(self.storage / _FILE)

    def next(self) -> PrivateKey | None:
        """What is to replace the current one: prepared, or asked for by another algorithm. Raises KeyTrouble."""
        if self.given is not None:
            return None
        prepared = _of_file(self.storage / _NEXT)
        current = self.filed()
        if prepared is None and current is not None and current.public.algorithm is not self.algorithm:
            return self.prepare()
        return prepared

    def first(self) -> PrivateKey:
        """The current one, made if there is none. Raises KeyTrouble, OSError."""
        return self.current() or _make(self.storage / _FILE, self.algorithm)

    def prepare(self) -> PrivateKey:
        """A key that replaces the current one when the gateway starts again. Raises KeyTrouble, OSError."""
        return _of_file(self.storage / _NEXT) or _make(self.storage / _NEXT, self.algorithm)

    def replace(self) -> None:
        """The next key is the current one. Raises OSError."""
        (self.storage / _NEXT).replace(self.storage / _FILE)
        _settle(self.storage)


def _of_file(path: Path) -> PrivateKey | None:
    try:
        with path.open("rb") as file:
            pem = file.read(_LONGEST)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise key_unreadable(str(path), error.strerror or "cannot be read") from None
    return _read(pem, str(path))


def _read(pem: bytes, where: str) -> PrivateKey:
    try:
        return read(pem)
    except KeyUnreadable as error:
        raise key_unreadable(where, str(error)) from None
    except NoSm2:
        raise no_sm2() from None


def _make(path: Path, algorithm: Algorithm) -> PrivateKey:
    """Whole or not at all, and never readable by others, not for a moment."""
    try:
        key = made(algorithm)
    except NoSm2:
        raise no_sm2() from None
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.pem())
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    _settle(path.parent)
    return key


def _settle(folder: Path) -> None:
    """A rename is on disk when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
