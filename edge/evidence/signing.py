"""Signatures of a device: Ed25519 (RFC 8032), or SM2 with SM3 (GB/T 32918.2-2016, the usual signer id of GM/T 0009).

Keys and signatures have the forms that other programs read: SubjectPublicKeyInfo and PKCS#8 in PEM, 64 bytes for
Ed25519, a DER SEQUENCE {r, s} for SM2.
"""

import base64
import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature


class Algorithm(StrEnum):
    ED25519 = "ed25519"
    SM2 = "sm2"


class KeyUnreadable(ValueError):
    """Not a key of ours. Its text never holds the key."""


class NoSm2(ImportError):
    """The library for SM2 is not installed."""


_SM2_ID = b"1234567812345678"
# DER (RFC 5480, RFC 8410, RFC 5958) up to the bytes of the key; all lengths are fixed.
_SPKI = {
    Algorithm.ED25519: bytes.fromhex("302a300506032b6570032100"),
    Algorithm.SM2: bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200"),
}
_POINT = {Algorithm.ED25519: 32, Algorithm.SM2: 65}  # bytes
_SM2_PRIVATE = bytes.fromhex("308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420")
_SM2_PUBLIC = bytes.fromhex("a144034200")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """point: the key itself, without its wrapping."""

    algorithm: Algorithm
    point: bytes

    @classmethod
    def read(cls, spki: bytes) -> Self:
        """A DER SubjectPublicKeyInfo. Raises KeyUnreadable."""
        for algorithm, head in _SPKI.items():
            if spki.startswith(head) and len(spki) == len(head) + _POINT[algorithm]:
                return cls(algorithm, spki[len(head) :])
        raise KeyUnreadable("not an Ed25519 or SM2 public key")

    @property
    def spki(self) -> bytes:
        return _SPKI[self.algorithm] + self.point

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the SubjectPublicKeyInfo, hex: what a person compares."""
        return hashlib.sha256(self.spki).hexdigest()

    @property
    def pem(self) -> bytes:
        return _pem("PUBLIC KEY", self.spki)

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Raises NoSm2."""
        if self.algorithm is Algorithm.SM2:
            return self._verifies_sm2(message, signature)
        try:
            Ed25519PublicKey.from_public_bytes(self.point).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def _verifies_sm2(self, message: bytes, signature: bytes) -> bool:
        signer = _sm2()
        from gmalg.errors import GMError  # noqa: PLC0415 (the same extra)

        try:
            r, s = decode_dss_signature(signature)
            return bool(signer(None, _SM2_ID, self.point).verify(message, r.to_bytes(32), s.to_bytes(32)))
        except (ValueError, OverflowError, GMError):  # not two numbers, or not a point of the curve
            return False


class PrivateKey(ABC):
    """Its repr shows the public part alone."""

    public: PublicKey

    @abstractmethod
    def sign(self, message: bytes) -> bytes: ...

    @abstractmethod
    def pem(self) -> bytes:
        """PKCS#8, not encrypted."""

    def __repr__(self) -> str:
        return f"<{self.public.algorithm} key {self.public.fingerprint[:16]}>"


class _Ed25519(PrivateKey):
    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(Algorithm.ED25519, key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def pem(self) -> bytes:
        return self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


class _Sm2(PrivateKey):
    """secret: 32 bytes, big-endian."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.public = PublicKey(Algorithm.SM2, _sm2()().generate_pk(secret))
        self._signer = _sm2()(secret, _SM2_ID, self.public.point)

    def sign(self, message: bytes) -> bytes:
        r, s = self._signer.sign(message)
        return encode_dss_signature(int.from_bytes(r), int.from_bytes(s))

    def pem(self) -> bytes:
        return _pem("PRIVATE KEY", _SM2_PRIVATE + self._secret + _SM2_PUBLIC + self.public.point)


def made(algorithm: Algorithm) -> PrivateKey:
    """A new key. Raises NoSm2."""
    if algorithm is Algorithm.ED25519:
        return _Ed25519(Ed25519PrivateKey.generate())
    return _Sm2(_sm2()().generate_keypair()[0].rjust(32, b"\0"))


def read(pem: bytes) -> PrivateKey:
    """PKCS#8 in PEM, not encrypted. Raises KeyUnreadable, NoSm2."""
    der = _der(pem, "PRIVATE KEY")
    if der.startswith(_SM2_PRIVATE) and len(der) == 138:
        return _Sm2(der[len(_SM2_PRIVATE) :][:32])
    try:
        key = serialization.load_der_private_key(der, None)
    except (ValueError, TypeError):
        raise KeyUnreadable("not an unencrypted PKCS#8 key in PEM") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnreadable("a key of another kind than Ed25519 or SM2")
    return _Ed25519(key)


def _sm2() -> Any:
    """gmalg.SM2, which ships no types."""
    try:
        from gmalg import SM2  # noqa: PLC0415 (an extra that most sites never need)
    except ImportError as error:
        raise NoSm2(str(error)) from None
    return SM2


def _pem(label: str, der: bytes) -> bytes:
    """RFC 7468."""
    text = base64.b64encode(der).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()


def _der(pem: bytes, label: str) -> bytes:
    head, foot = f"-----BEGIN {label}-----".encode(), f"-----END {label}-----".encode()
    start, end = pem.find(head), pem.find(foot)
    if start < 0 or end < start:
        raise KeyUnreadable(f"no {label} in PEM")
    try:
        return base64.b64decode(b"".join(pem[start + len(head) : end].split()), validate=True)
    except ValueError:
        raise KeyUnreadable("damaged PEM") from None
