"""Certificates as cameras have them: made by themselves, for themselves."""

import subprocess
from pathlib import Path


def self_signed(folder: Path, name: str, *, modern: bool = True) -> Path:
    """A PEM with its key. modern: with the name as subjectAltName too, not only as the subject's common name."""
    key, certificate, both = (folder / f"{name}.{kind}" for kind in ("key", "crt", "pem"))
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        f"/CN={name}",
    ]
    command += ["-keyout", str(key), "-out", str(certificate)]
    command += ["-addext", f"subjectAltName=DNS:{name}"] if modern else []
    subprocess.run(command, check=True, capture_output=True)
    both.write_text(key.read_text() + certificate.read_text())
    return both
