"""Which files an event tells of, and where they lie."""

import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from edge.upload.problems import UploadRefused, unknown
from edge.upload.store import Item

EVIDENCE = "evidence/"


def items(payload: bytes, kinds: Collection[str]) -> list[Item]:
    """The files of these kinds that a message of the outbox proves itself by. Other messages have none."""
    message = json.loads(payload)
    data = message.get("data", {})
    return [
        Item(
            uri=proof["uri"],
            sha256=proof["sha256"],
            size=proof["bytes"],
            event_id=str(data.get("event_id", "")),
            camera=str(data.get("camera", "")),
            since=str(message.get("time", "")),
        )
        for proof in _proofs(data)
        if proof.get("kind") in kinds and str(proof.get("uri", "")).startswith(EVIDENCE)
    ]


def _proofs(data: dict[str, Any]) -> list[dict[str, Any]]:
    proofs = data.get("proof", [])
    return [proof for proof in proofs if isinstance(proof, dict)] if isinstance(proofs, list) else []


def located(storage: Path, uri: str) -> Path:
    """The file of a uri: below the folder of evidence, symbolic links looked through. Raises UploadRefused."""
    root = (storage / EVIDENCE).resolve()
    try:
        path = (storage / uri).resolve()
    except (OSError, ValueError):  # a loop of links, a NUL
        raise UploadRefused(unknown(uri)) from None
    if not uri.startswith(EVIDENCE) or root not in path.parents or not path.is_file():
        raise UploadRefused(unknown(uri))
    return path


def measured(storage: Path, uri: str) -> Item:
    """A file that somebody asks for by name, as it is now. Blocks. Raises UploadRefused."""
    path = located(storage, uri)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Item(uri, digest, path.stat().st_size)


def same(path: Path, item: Item) -> bool:
    """Whether the file is the one that its event tells of. Blocks."""
    if path.stat().st_size != item.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == item.sha256
