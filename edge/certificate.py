"""The box's own certificate for its console: self-signed, made at first start, made anew before it ends.

A technician compares its SHA-256 with the one in the journal, or that `sandwatch users code` shows. X.509 (RFC 5280),
ECDSA over P-256 (what every browser and telephone takes).
"""

import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from aioice.ice import get_host_addresses
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from streams import whole

CERTIFICATE, KEY = "console.crt", "console.key"
_LIFE = timedelta(days=820)  # telephones take none that was made for more than 825 days
_EARLY = timedelta(days=60)  # before its end: time for whoever compares it by hand
_SKEW = timedelta(days=1)  # a telephone whose clock is behind


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files. fingerprint: SHA-256, as browsers show it."""

    cert_file: Path
    key_file: Path
    fingerprint: str
    ends: datetime


def kept(folder: Path, now: datetime | None = None, names: frozenset[str] | None = None) -> Certificate:
    """The one in the folder, made anew where it is missing, damaged, ends soon or names no address of today. names: hosts
    and addresses; None: the box's. Blocks. Raises OSError."""
    now = now or datetime.now(UTC)
    names = names or own_names()
    found = _read(folder)
    if found is None or not _good(found, now, names):
        found = _made(folder, now, names)
    return Certificate(folder / CERTIFICATE, folder / KEY, fingerprint(found), found.not_valid_after_utc)


def fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def fingerprint_of(file: Path) -> str | None:
    """None where no certificate lies there yet. file: PEM, the server's own first."""
    try:
        return fingerprint(x509.load_pem_x509_certificate(file.read_bytes()))
    except (OSError, ValueError):
        return None


def own_names() -> frozenset[str]:
    """What the box is called here, and its addresses of today."""
    host = socket.gethostname()
    names = {host, f"{host.partition('.')[0]}.local", "localhost", "127.0.0.1", "::1"}
    return frozenset(names | own_addresses())


def own_addresses() -> frozenset[str]:
    """By which others reach it today."""
    return frozenset(each.partition("%")[0] for each in get_host_addresses(use_ipv4=True, use_ipv6=True))


def _read(folder: Path) -> x509.Certificate | None:
    """None where the two files are not there or do not belong to each other."""
    try:
        found = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
        key = serialization.load_pem_private_key((folder / KEY).read_bytes(), None)
    except (OSError, ValueError, TypeError):
        return None
    return found if key.public_key() == found.public_key() else None


def _good(found: x509.Certificate, now: datetime, names: frozenset[str]) -> bool:
    """A box that moved is at none of the addresses it was made for; one more address is no reason for a new one, which
    everybody would have to compare again."""
    dated = found.not_valid_before_utc <= now < found.not_valid_after_utc - _EARLY
    told = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    known = {str(each.value) for each in told}
    addresses = {name for name in names if _is_address(name) and not ip_address(name).is_loopback}
    return dated and (not addresses or bool(addresses & known))


def _made(folder: Path, now: datetime, names: frozenset[str]) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, socket.gethostname()[:64])])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in sorted(names)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain, pem = serialization.NoEncryption(), serialization.Encoding.PEM
    folder.mkdir(parents=True, exist_ok=True)
    # The key first: a certificate without it would be made anew, and nobody has seen it yet.
    whole.write(folder / KEY, key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain), 0o600)
    whole.write(folder / CERTIFICATE, made.public_bytes(pem))
    return made


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _name(name: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(name)) if _is_address(name) else x509.DNSName(name)
