"""Getting a model: from an https server, a mirror of it, or a folder somebody carried here.

A source holds `NAME.yaml` (the manifest) and, beside it, the file that names. Both are brought to a folder of
their own first; only what has the manifest's SHA-256 goes on the shelf, the manifest last.
"""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from edge.shelf import problems
from edge.shelf.download import Download
from inference.manifest import Manifest, Model, ModelRefused, parts, read, verified


class PullFailed(ModelRefused):
    """No source gave a sound model; `problem` says what came of each of them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """name: of the model. sha256: what its file must have besides what the manifest says, or None."""

    name: str
    sha256: str | None = None


async def pull(wanted: Wanted, sources: Sequence[str], into: Path, ca_file: Path | None = None) -> Model:
    """Fetch a model into a folder from the first source that has it whole and sound.

    sources: https URLs of folders, or paths of folders. ca_file: who signs the servers, None for those the
    system trusts. A download that broke off is gone on with. Raises PullFailed.
    """
    refusals = []
    for source in sources:
        try:
            return await _from(source, wanted, into, ca_file)
        except ModelRefused as refused:
            refusals.append(refused.problem)
        except OSError as error:
            refusals.append(problems.not_kept(into, error))
    raise PullFailed(problems.nowhere(wanted.name, refusals))


async def _from(source: str, wanted: Wanted, into: Path, ca_file: Path | None) -> Model:
    stage = into / f".pull-{wanted.name}"
    await asyncio.to_thread(stage.mkdir, parents=True, exist_ok=True)
    if urlsplit(source).scheme == "https":
        async with Download(source, ca_file) as server:
            await server.small(f"{wanted.name}.yaml", stage)
            for part in parts(stage / _agreed(wanted, stage).file):
                await server.large(part.name, stage)
    elif "://" in source:
        raise PullFailed(problems.not_https(source))
    else:
        await asyncio.to_thread(_copy, Path(source), wanted, stage)
    return await asyncio.to_thread(_shelve, wanted, stage, into)


def _copy(folder: Path, wanted: Wanted, stage: Path) -> None:
    """Raises PullFailed where the folder has no such model."""
    path = folder / f"{wanted.name}.yaml"
    if not path.is_file():
        raise PullFailed(problems.not_there(wanted.name, str(folder)))
    shutil.copyfile(path, stage / path.name)
    for part in parts(folder / _agreed(wanted, stage).file):
        if not part.is_file():
            raise PullFailed(problems.not_there(part.name, str(folder)))
        shutil.copyfile(part, stage / part.name)


def _agreed(wanted: Wanted, stage: Path) -> Manifest:
    """The manifest that was brought, if it is of the model that was asked for."""
    manifest = read(stage / f"{wanted.name}.yaml")
    if manifest.name != wanted.name:
        raise PullFailed(problems.another(wanted.name, manifest.name))
    if wanted.sha256 is not None and manifest.sha256 != wanted.sha256.lower():
        raise PullFailed(problems.other_hash(wanted.name, manifest.sha256, wanted.sha256))
    return manifest


def _shelve(wanted: Wanted, stage: Path, into: Path) -> Model:
    """Put what was brought in place. A file with the wrong hash is thrown away, or it would be gone on with."""
    manifest = stage / f"{wanted.name}.yaml"
    try:
        model = verified(manifest)
    except ModelRefused:
        for part in parts(stage / read(manifest).file):
            part.unlink(missing_ok=True)
        raise
    for part in parts(model.path):
        part.replace(into / part.name)
    manifest.replace(into / manifest.name)
    stage.rmdir()
    return verified(into / manifest.name)
