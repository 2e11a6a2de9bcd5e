"""Model manifests: which file, which hash, which input, which classes; and where models are looked for."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from streams.problem import Misconfigured, Problem, Text

SYSTEM_MODELS = Path("/var/lib/sandwatch/models")
STEP = 32  # px: the coarsest stride of every detector we know
_ON_A_GRID = frozenset({"yolox", "yolov8"})
_HASH_BLOCK = 1 << 20  # bytes read at a time, so that a large model does not sit in memory twice


Factor = Annotated[float, Field(gt=0)]


class ModelRefused(Misconfigured):
    """The model cannot be used; `problem` says why and what to do."""


class ModelInput(BaseModel):
    """How a picture becomes the network's input tensor.

    width, height: px; the largest input of a network that takes several sizes. fit: "letterbox" keeps the aspect
    ratio and pads right and bottom with `pad`; "stretch" does not. A value v of 0-255 goes in as (v - mean) * scale,
    either of them one number or one per channel, in the order of `colour`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = Field(ge=32, le=4096)
    height: int = Field(ge=32, le=4096)
    colour: Literal["bgr", "rgb"] = "bgr"
    mean: float | tuple[float, float, float] = 0.0
    scale: Factor | tuple[Factor, Factor, Factor] = 1.0
    fit: Literal["letterbox", "stretch"] = "letterbox"
    pad: int = Field(default=114, ge=0, le=255)


class Manifest(BaseModel):
    """What `NAME.yaml` beside a model file says of it.

    file: beside the manifest; a folder for formats that are one. sha256: of the file; of a .xml with its .bin, and of
    a folder, over all files in order of their names (`cat *.bin *.xml | sha256sum`). outputs: their names in the order
    in which the decoder wants them; empty: as they come. decoder: "own" where the backend itself gives boxes
    (kind: ultralytics). made_from: sha256 of the model that this one was quantised from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    file: str = Field(pattern=r"^[^/\\]+$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str
    notice: str = ""
    classes: tuple[str, ...] = Field(min_length=1)
    input: ModelInput
    outputs: tuple[str, ...] = ()
    decoder: Literal["yolox", "deim", "yolov8", "yolov10", "ssd", "detection_output", "own"]
    made_from: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")

    @model_validator(mode="after")
    def _grid_fits(self) -> Self:
        sides = self.input.width, self.input.height
        if self.decoder in _ON_A_GRID and any(side % STEP for side in sides):
            raise ValueError(f"{self.decoder} wants input sides that are multiples of {STEP} px")
        return self


class Model(BaseModel):
    """A manifest and the file it speaks of, whose hash has been checked.

    Of a model on a server only the manifest is here: path is the manifest's own, sha256 its owner's word.
    fallback: the model that runs here while the server that has this one is away (kind: kserve).
    """

    model_config = ConfigDict(frozen=True)

    manifest: Manifest
    path: Path
    fallback: "Model | None" = None


def search_path(configured: Path | None, environment: str | None, shipped: Path) -> tuple[Path, ...]:
    """Folders in the order they are searched: site configuration, $SANDWATCH_MODELS, the system's, ours."""
    given = [configured, Path(environment) if environment else None]
    return (*(folder for folder in given if folder is not None), SYSTEM_MODELS, shipped)


def find(name: str, folders: Iterable[Path], *, served: bool = False) -> Model:
    """The first manifest of that name, its model file verified unless it is served elsewhere. Raises ModelRefused."""
    searched = tuple(folders)
    for folder in searched:
        manifest = folder / f"{name}.yaml"
        if manifest.is_file():
            return Model(manifest=read(manifest), path=manifest) if served else verified(manifest)
    raise ModelRefused(_not_found(name, searched))


def verified(path: Path) -> Model:
    """Read one manifest and check the file it names. Raises ModelRefused."""
    manifest = read(path)
    model = path.parent / manifest.file
    try:
        actual = sha256(model)
    except OSError as error:
        raise ModelRefused(_unreadable(manifest.name, model, error)) from error
    if actual != manifest.sha256:
        raise ModelRefused(_wrong_hash(manifest, model, actual))
    return Model(manifest=manifest, path=model)


def quantised(model: Model, folders: Iterable[Path]) -> Model:
    """The INT8 form of a model, `NAME-int8.yaml`: beside it, or in one of these folders. Raises ModelRefused."""
    name = int8_name(model.manifest.name)
    made = find(name, (model.path.parent, *folders))
    if made.manifest.made_from != model.manifest.sha256:
        raise ModelRefused(_other_origin(name, model.manifest.name))
    return made


def int8_name(name: str) -> str:
    return f"{name}-int8"


def read(path: Path) -> Manifest:
    """One manifest, by itself: whether its file is there is not looked at. Raises ModelRefused."""
    try:
        return Manifest.model_validate(YAML(typ="safe", pure=True).load(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise ModelRefused(_bad_manifest(path, str(error).splitlines()[0])) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ModelRefused(_bad_manifest(path, f"{where}: {first['msg']}")) from error


def sha256(model: Path) -> str:
    """As a manifest states it. Raises OSError."""
    digest = hashlib.sha256()
    for part in parts(model):
        with part.open("rb") as file:
            while block := file.read(_HASH_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def parts(model: Path) -> list[Path]:
    """The files that make up a model, in the order in which they are hashed."""
    if model.is_dir():
        return sorted(path for path in model.rglob("*") if path.is_file())
    return [model.with_suffix(".bin"), model] if model.suffix == ".xml" else [model]


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


def _other_origin(name: str, wanted: str) -> Problem:
    return Problem(
        "model.origin",
        Text(
            f"model {name} was not made from the {wanted} that is installed",
            f"模型 {name} 不是由当前安装的 {wanted} 生成的",
        ),
        Text("export it again from this model", "请用当前模型重新导出"),
    )


def _bad_manifest(path: Path, why: str) -> Problem:
    return Problem(
        "model.manifest",
        Text(f"model manifest {path}: {why}", f"模型清单 {path}：{why}"),
        Text("correct the manifest", "请更正清单"),
    )
