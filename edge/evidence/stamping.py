"""Time-stamps of RFC 3161 over the newest entry, and with it over all before it. No network here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

Certificates = Sequence[x509.Certificate]


class BadStamp(ValueError):
    """Not a time-stamp over these bytes by an authority that is trusted."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """at: when the authority says it saw the bytes (genTime), UTC."""

    at: datetime


def asked(header: bytes) -> TimeStampRequest:
    """For the SHA-256 of an entry's header, with a nonce and the authority's certificates."""
    return TimestampRequestBuilder(data=header, hash_algorithm=HashAlgorithm.SHA256).build()


def checked(response: bytes, sha256: str, roots: Certificates, nonce: int | None = None) -> Stamped:
    """A TimeStampResp (DER) over this hash (hex), by an authority whose certificate leads to one of `roots` and was
    valid at that time. Raises BadStamp."""
    if not roots:
        raise BadStamp("no certificate of the authority to check it with")
    builder = VerifierBuilder(roots=list(roots), nonce=nonce)
    try:
        stamp = decode_timestamp_response(in_order(response))
        builder.build().verify(stamp, bytes.fromhex(sha256))
        return Stamped(stamp.tst_info.gen_time)
    except (VerificationError, ValueError) as error:
        raise BadStamp(str(error) or type(error).__name__) from None


def certificates(pem: bytes) -> Certificates:
    """Raises ValueError."""
    return x509.load_pem_x509_certificates(pem)


def read_certificates(path: Path) -> Certificates:
    """Raises OSError, ValueError."""
    return certificates(path.read_bytes())


# TimeStampResp -> timeStampToken -> content [0] -> SignedData -> certificates [0]: the tag, and how many elements stand
# before it (RFC 3161, 2.4.2; RFC 5652, 5.1).
_TO_CERTIFICATES = ((0x30, 0), (0x30, 1), (0xA0, 1), (0x30, 0), (0xA0, 3))


def in_order(response: bytes) -> bytes:
    """With the certificates in the order that DER prescribes for a SET (X.690, 11.6): the parser insists on it, and
    OpenSSL's authority does not write it. No signature is over that order. Whatever has another form stays as it is."""
    start, end = 0, len(response)
    try:
        for wanted, before in _TO_CERTIFICATES:
            for _ in range(before):
                start = _element(response, start)[2]
            tag, start, end = _element(response, start)
            if tag != wanted:
                return response
        certificates = list[bytes]()
        place = start
        while place < end:
            after = _element(response, place)[2]
            certificates.append(response[place:after])
            place = after
    except IndexError:
        return response
    return response[:start] + b"".join(sorted(certificates)) + response[end:]


def _element(data: bytes, place: int) -> tuple[int, int, int]:
    """Tag, where the content begins, where the element ends (X.690, 8.1). Raises IndexError."""
    tag, length, start = data[place], data[place + 1], place + 2
    if length > 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[place + 2 : start])
    if start + length > len(data):
        raise IndexError
    return tag, start, start + length
