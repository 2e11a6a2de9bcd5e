"""From a network's raw output to Detections, in px of the network's input. Pure NumPy, one layout a file."""

from collections.abc import Iterator

from inference.decoders import deim, detection_output, ssd, yolov8, yolov10, yolox
from inference.decoders.boxes import intersection, iou, suppress
from inference.decoders.layout import UNTOLD, BadOutput, Layout, Outputs, Size, shapes
from inference.detections import Detections
from streams.problem import Text

__all__ = ["LAYOUTS", "BadOutput", "decode", "intersection", "iou", "suppress"]

LAYOUTS: dict[str, Layout] = {
    "yolox": yolox.LAYOUT,
    "deim": deim.LAYOUT,
    "yolov8": yolov8.LAYOUT,
    "yolov10": yolov10.LAYOUT,
    "ssd": ssd.LAYOUT,
    "detection_output": detection_output.LAYOUT,
}

_USUAL_SIDES = range(
    160, 1312, 32
)  # px of square inputs, tried when no layout fits the size that is promised


def decode(name: str, outputs: Outputs, size: Size, classes: int, floor: float) -> Detections:
    """The objects of one picture, highest score first, boxes in px of the input, each object once.

    name: a key of LAYOUTS. size: width and height in px of the tensor that was run. classes: how many the manifest
    lists. floor: scores below it are dropped. Raises BadOutput with what was found and what would fit.
    """
    told = LAYOUTS[name].classes(outputs, size)
    if told is None:
        raise BadOutput(_misfit(name, outputs, size))
    if told not in (UNTOLD, classes):
        raise BadOutput(
            Text(
                f"the model has {told} classes, its manifest lists {classes}",
                f"模型有 {told} 个类别，清单列出 {classes} 个",
            )
        )
    found = LAYOUTS[name].decode(outputs, size, floor)
    if len(found) and (last := int(found.labels.max())) >= classes:
        raise BadOutput(
            Text(
                f"the model found class number {last}, its manifest lists {classes} (from 0)",
                f"模型给出类别编号 {last}，清单只列出 {classes} 个（从 0 起）",
            )
        )
    return found


def _misfit(name: str, outputs: Outputs, size: Size) -> Text:
    wants, has = LAYOUTS[name].wants, shapes(outputs)
    guess = next(_guesses(outputs, size), None)
    en = f"{name} wants {wants} at {size[0]}x{size[1]}, the model gives {has}"
    zh = f"{name} 在 {size[0]}x{size[1]} 下应为 {wants}，模型输出为 {has}"
    if guess is None:
        return Text(en, zh)
    return Text(f"{en}; this looks like {guess.en}", f"{zh}；看起来像 {guess.zh}")


def _guesses(outputs: Outputs, size: Size) -> Iterator[Text]:
    """What these outputs may be, the likeliest first."""
    for tried in (size, *((side, side) for side in _USUAL_SIDES)):
        for name, layout in LAYOUTS.items():
            if (told := layout.classes(outputs, tried)) is not None:
                place = "" if tried == size else f" {tried[0]}x{tried[1]}"
                count = Text("", "") if told == UNTOLD else Text(f" with {told} classes", f"（{told} 类）")
                yield Text(f"{name}{place}{count.en}", f"{name}{place}{count.zh}")
