"""Files that an order made, as its answer names them."""

from edge.orders.words import FileData
from edge.wire import rfc3339
from edge.worker.messages import Piece


def file_data(piece: Piece) -> FileData:
    return FileData(
        uri=piece.proof.uri,
        size=piece.proof.size,
        sha256=piece.proof.sha256,
        since=rfc3339(piece.start),
        until=rfc3339(piece.end),
    )
