"""Bundles as a dictionary of files, and back."""

import io
import zipfile
from pathlib import Path

from edge.evidence.container import Packer


def unpacked(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    packer = Packer(out)
    for name, data in files.items():
        packer.add(name, (data,))
    packer.finish()
    return out.getvalue()
