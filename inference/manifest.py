"""Model manifests: which file, which hash, which input, which classes; and where models are looked for."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from streams.problem import Misconfigured, Problem, Text

SYSTEM_MODELS = Path("/var/lib/sandwatch/models")
_HASH_BLOCK = 1 << 20  # bytes read at a time, so that a large model does not sit in memory twice


class ModelRefused(Misconfigured):
    """The model cannot be used; `problem` says why and what to do."""


class ModelInput(BaseModel):
    """How a picture becomes the network's input tensor [1, 3, height, width].

    fit: "letterbox" keeps the aspect ratio and pads right and bottom with `pad`; "stretch" does not.
    scale: what each 0-255 value is multiplied by.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = Field(ge=32, le=4096)
    height: int = Field(ge=32, le=4096)
    colour: Literal["bgr", "rgb"] = "bgr"
    scale: float = Field(default=1.0, gt=0)
    fit: Literal["letterbox", "stretch"] = "letterbox"
    pad: int = Field(default=114, ge=0, le=255)


class Manifest(BaseModel):
    """What `NAME.yaml` beside a model file says of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    file: str = Field(pattern=r"^[^/\\]+$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str
    notice: str = ""
    classes: tuple[str, ...] = Field(min_length=1)
    input: ModelInput
    decoder: Literal["yolox", "deim"]


class Model(BaseModel):
    """A manifest and the file it speaks of, whose hash has been checked."""

    model_config = ConfigDict(frozen=True)

    manifest: Manifest
    path: Path


def search_path(configured: Path | None, environment: str | None, shipped: Path) -> tuple[Path, ...]:
    """Folders in the order they are searched: site configuration, $SANDWATCH_MODELS, the system's, ours."""
    given = [configured, Path(environment) if environment else None]
    return (*(folder for folder in given if folder is not None), SYSTEM_MODELS, shipped)


def find(name: str, folders: Iterable[Path]) -> Model:
    """The first manifest of that name, its model file verified. Raises ModelRefused."""
    searched = tuple(folders)
    for folder in searched:
        manifest = folder / f"{name}.yaml"
        if manifest.is_file():
            return verified(manifest)
    raise ModelRefused(_not_found(name, searched))


def verified(path: Path) -> Model:
    """Read one manifest and check the file it names. Raises ModelRefused."""
    manifest = _read(path)
    model = path.parent / manifest.file
    try:
        actual = _sha256(model)
    except OSError as error:
        raise ModelRefused(_unreadable(manifest.name, model, error)) from error
    if actual != manifest.sha256:
        raise ModelRefused(_wrong_hash(manifest, model, actual))
    return Model(manifest=manifest, path=model)


def _read(path: Path) -> Manifest:
    try:
        return Manifest.model_validate(YAML(typ="safe", pure=True).load(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise ModelRefused(_bad_manifest(path, str(error).splitlines()[0])) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ModelRefused(_bad_manifest(path, f"{where}: {first['msg']}")) from error


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _not_found(name: str, folders: tuple[Path, ...]) -> Problem:
    places = ", ".join(str(folder) for folder in folders)
    return Problem(
        "model.missing",
        Text(
            f"no model named {name!r} ({name}.yaml) in {places}",
            f"在 {places} 中找不到模型 {name}({name}.yaml)",
        ),
        Text(
            "correct detector.model, or copy the model's .yaml and .onnx into one of these folders",
            "请更正 detector.model,或把模型的 .yaml 和 .onnx 拷入其中一个目录",
        ),
    )


def _unreadable(name: str, path: Path, error: OSError) -> Problem:
    return Problem(
        "model.missing",
        Text(
            f"model {name}: cannot read {path}: {error.strerror}",
            f"模型 {name}：无法读取 {path}：{error.strerror}",
        ),
        Text("copy the model file there, readable by the daemon", "请把模型文件拷到该处，并让守护进程可读"),
    )


def _wrong_hash(manifest: Manifest, path: Path, actual: str) -> Problem:
    short = f"{actual[:12]}…", f"{manifest.sha256[:12]}…"
    return Problem(
        "model.hash",
        Text(
            f"model {manifest.name}: {path} has sha256 {short[0]}, its manifest says {short[1]}",
            f"模型 {manifest.name}：{path} 的 sha256 为 {short[0]}，清单中为 {short[1]}",
        ),
        Text(
            "the file is damaged or not the one that was released: copy it again",
            "文件已损坏或不是发布的版本：请重新拷贝",
        ),
    )


def _bad_manifest(path: Path, why: str) -> Problem:
    return Problem(
        "model.manifest",
        Text(f"model manifest {path}: {why}", f"模型清单 {path}：{why}"),
        Text("correct the manifest", "请更正清单"),
    )
