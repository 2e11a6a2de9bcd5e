"""Keys and signatures against OpenSSL, which has both algorithms."""

import subprocess
from pathlib import Path

import pytest

from edge.evidence.hashes import of_bytes
from edge.evidence.signing import Algorithm, KeyUnreadable, PublicKey, made, read

MESSAGE = b"entry"
BOTH = pytest.mark.parametrize("algorithm", list(Algorithm))
_SM2 = ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"]
FLAGS = {Algorithm.ED25519: ["-rawin"], Algorithm.SM2: _SM2}


def openssl(*args: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *args], capture_output=True, check=False)


def test_sm3_has_the_value_of_the_standard() -> None:
    """GB/T 32905-2016, A.1."""
    assert of_bytes(b"abc").sm3 == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


@BOTH
def test_openssl_accepts_our_signature(algorithm: Algorithm, tmp_path: Path) -> None:
    key = made(algorithm)
    public, signature, message = tmp_path / "key.pem", tmp_path / "signature", tmp_path / "message"
    public.write_bytes(key.public.pem)
    signature.write_bytes(key.sign(MESSAGE))
    message.write_bytes(MESSAGE)
    checked = ["pkeyutl", "-verify", "-pubin", "-inkey", str(public), "-in", str(message)]
    done = openssl(*checked, "-sigfile", str(signature), *FLAGS[algorithm])
    assert done.returncode == 0, done.stderr


@BOTH
def test_we_accept_a_key_and_a_signature_that_openssl_made(algorithm: Algorithm, tmp_path: Path) -> None:
    private, signature, message = tmp_path / "key.pem", tmp_path / "signature", tmp_path / "message"
    message.write_bytes(MESSAGE)
    assert openssl("genpkey", "-algorithm", algorithm.value, "-out", str(private)).returncode == 0
    signing = ["pkeyutl", "-sign", "-inkey", str(private), "-in", str(message), "-out", str(signature)]
    done = openssl(*signing, *FLAGS[algorithm])
    assert done.returncode == 0, done.stderr
    key = read(private.read_bytes())
    assert key.public.algorithm is algorithm
    assert key.public.verifies(MESSAGE, signature.read_bytes())


@BOTH
def test_a_key_comes_back_from_its_pem_and_no_other_message_fits(algorithm: Algorithm) -> None:
    key = made(algorithm)
    again = read(key.pem())
    signature = again.sign(MESSAGE)
    assert again.public == key.public
    assert PublicKey.read(key.public.spki).verifies(MESSAGE, signature)
    assert not key.public.verifies(b"another", signature)
    assert not made(algorithm).public.verifies(MESSAGE, signature)
    assert not key.public.verifies(MESSAGE, signature[:-1])


@BOTH
def test_the_private_part_is_never_shown(algorithm: Algorithm) -> None:
    key = made(algorithm)
    secret = b"".join(key.pem().splitlines()[1:-1]).decode()
    assert secret not in repr(key)
    assert key.public.fingerprint[:16] in repr(key)


def test_a_point_that_is_not_on_the_curve_verifies_nothing() -> None:
    bent = PublicKey(Algorithm.SM2, b"\x04" + b"\x01" * 64)
    assert not bent.verifies(MESSAGE, made(Algorithm.SM2).sign(MESSAGE))


@pytest.mark.parametrize(
    "pem", [b"", b"secret", b"-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----"]
)
def test_what_is_no_key_is_refused_without_repeating_it(pem: bytes) -> None:
    with pytest.raises(KeyUnreadable) as refused:
        read(pem)
    assert "secret" not in str(refused.value)


def test_a_key_of_another_kind_is_refused() -> None:
    other = openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048").stdout
    with pytest.raises(KeyUnreadable, match="another kind"):
        read(other)
