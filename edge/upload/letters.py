"""What the centre is told when a file has arrived: the event "site.uploaded"."""

import hashlib

from pydantic import Field

from edge.letter import SiteData, SiteNote
from edge.upload.store import Upload, Verified

TYPE = "site.uploaded"


class UploadedData(SiteData):
    """Of "site.uploaded": the upload server has a file of proof, whole.

    uri, sha256, bytes: as the event's proof tells them. url: of the file on the server. verified: by the SHA-256 the server
    told of what it holds (digest), by a checksum of every piece, or by its size alone. case: event_id of the event it belongs
    to; camera: its stream; None where the file was asked for by name.
    """

    uri: str
    url: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(alias="bytes", ge=0)
    verified: Verified
    case: str | None = None
    camera: str | None = None


def uploaded(upload: Upload, now: float) -> SiteNote:
    """The same id whenever it is made for the same file. now: Unix time, s."""
    item = upload.item
    assert upload.url is not None
    assert upload.verified is not None
    data = UploadedData(
        uri=item.uri,
        url=upload.url,
        sha256=item.sha256,
        size=item.size,
        verified=upload.verified,
        case=item.event_id or None,
        camera=item.camera or None,
    )
    ident = hashlib.sha256(f"{item.uri} {item.sha256}".encode()).hexdigest()[:32]
    return SiteNote(id=f"{ident}/0", type=TYPE, time=now, data=data)
