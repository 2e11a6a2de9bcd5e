"""The models that are compared: those that ship, and those of a folder of weights. All run as the daemon runs them."""

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from edge import assets
from inference.detections import Detector
from inference.detectors import onnx
from inference.manifest import Manifest, Model, ModelInput, sha256, verified
from streams import kinds

COCO = (
    "person",
    "bicycle",
    "car",
    "motorcycle",
    "airplane",
    "bus",
    "train",
    "truck",
    "boat",
    "traffic_light",
    "fire_hydrant",
    "stop_sign",
    "parking_meter",
    "bench",
    "bird",
    "cat",
    "dog",
    "horse",
    "sheep",
    "cow",
    "elephant",
    "bear",
    "zebra",
    "giraffe",
    "backpack",
    "umbrella",
    "handbag",
    "tie",
    "suitcase",
    "frisbee",
    "skis",
    "snowboard",
    "sports_ball",
    "kite",
    "baseball_bat",
    "baseball_glove",
    "skateboard",
    "surfboard",
    "tennis_racket",
    "bottle",
    "wine_glass",
    "cup",
    "fork",
    "knife",
    "spoon",
    "bowl",
    "banana",
    "apple",
    "sandwich",
    "orange",
    "broccoli",
    "carrot",
    "hot_dog",
    "pizza",
    "donut",
    "cake",
    "chair",
    "couch",
    "potted_plant",
    "bed",
    "dining_table",
    "toilet",
    "tv",
    "laptop",
    "mouse",
    "remote",
    "keyboard",
    "cell_phone",
    "microwave",
    "oven",
    "toaster",
    "sink",
    "refrigerator",
    "book",
    "clock",
    "vase",
    "scissors",
    "teddy_bear",
    "hair_drier",
    "toothbrush",
)

_RGB = 1 / 255
REFERENCE = "yolox-nano-416"  # whose false boxes are the measure


@dataclass(frozen=True, slots=True)
class Contestant:
    """kind: of the backend. manifest: of a model that lies beside it."""

    name: str
    kind: str
    manifest: Path

    def model(self) -> Model:
        """Raises ModelRefused."""
        return verified(self.manifest)

    def detector(self) -> Detector:
        """On one thread: what is found does not depend on it. Raises ModelRefused, DetectorFailed."""
        backend = kinds.load("inference.detectors", self.kind)
        detector: Detector = backend.build(backend.Spec(model=self.name), self.model(), threads=1)
        return detector


@dataclass(frozen=True, slots=True)
class Outsider:
    """A model of somebody else, as its repository describes it. files: the first is the model."""

    name: str
    kind: str
    files: tuple[str, ...]
    decoder: str
    input: ModelInput

    def is_in(self, weights: Path) -> bool:
        return all((weights / file).is_file() for file in self.files) and _installed(self.kind)

    def described(self, weights: Path, desk: Path) -> Contestant:
        """With a manifest, and links to its files, in `desk`."""
        links = [desk / Path(file).name for file in self.files]
        for link, file in zip(links, self.files, strict=True):
            link.symlink_to((weights / file).resolve())
        manifest = Manifest.model_validate(
            {
                "name": self.name,
                "file": links[0].name,
                "sha256": sha256(links[0]),
                "licence": "see its source",
                "classes": COCO,
                "input": self.input.model_dump(),
                "decoder": self.decoder,
            }
        )
        path = desk / f"{self.name}.yaml"
        path.write_text(json.dumps(manifest.model_dump(mode="json")), encoding="utf-8")  # JSON is YAML, too
        return Contestant(self.name, self.kind, path)


_YOLO11 = "yolo11n_int8_openvino_model/yolo11n"
OUTSIDERS = (
    Outsider(REFERENCE, "onnx", ("yolox_nano_416.onnx",), "yolox", ModelInput(width=416, height=416)),
    Outsider(
        "deimv2-atto-320",
        "onnx",
        ("deimv2_atto_coco.onnx",),
        "deim",
        ModelInput(width=320, height=320, colour="rgb", scale=_RGB, fit="stretch"),
    ),
    Outsider(
        "deimv2-femto-416",
        "onnx",
        ("deimv2_femto_coco.onnx",),
        "deim",
        ModelInput(width=416, height=416, colour="rgb", scale=_RGB, fit="stretch"),
    ),
    Outsider(
        "yolo11n-int8-640",
        "openvino",
        (f"{_YOLO11}.xml", f"{_YOLO11}.bin"),
        "yolov8",
        ModelInput(width=640, height=640, colour="rgb", scale=_RGB),
    ),
)


def shipped() -> str:
    """The model that a site gets which names none."""
    return onnx.Spec().model


def contestants(weights: Path | None, desk: Path) -> list[Contestant]:
    """The shipped one first. weights: a folder with models of others, which get their manifests in `desk`."""
    ours = [Contestant(path.stem, "onnx", path) for path in sorted(assets.models().glob("*.yaml"))]
    ours.sort(key=lambda each: each.name != shipped())
    others = [each for each in OUTSIDERS if weights and each.is_in(weights)]
    return [*ours, *(each.described(weights, desk) for each in others if weights)]


def _installed(kind: str) -> bool:
    """OpenVINO is an optional extra."""
    return find_spec({"onnx": "onnxruntime"}.get(kind, kind)) is not None
