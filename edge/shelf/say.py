"""What the model commands print."""

from collections.abc import Iterable, Iterator

from edge.shelf.listing import Entry
from edge.shelf.trial import Trial
from inference.candidates import Measured
from inference.manifest import Model
from streams.problem import Language, Text


def shelf(entries: Iterable[Entry], language: Language) -> Iterator[str]:
    """One line per model, and a second one where something is wrong with it."""
    for entry in entries:
        yield f"{_mark(entry)} {entry.name:24} {_about(entry.model)}  {entry.manifest}"
        if entry.problem is not None:
            yield f"    {entry.problem.say(language)}"
        elif entry.hidden:
            yield Text(
                "    not used: a folder before this one has a model of that name",
                "    未使用：前面的目录已有同名模型",
            ).say(language)


def pulled(model: Model) -> Text:
    where, short = model.path, model.manifest.sha256[:12]
    return Text(
        f"{model.manifest.name}: {where}, sha256 {short}…, verified",
        f"{model.manifest.name}：{where}，sha256 {short}…，已校验",
    )


def tried(trial: Trial) -> Text:
    """What a sound model is, and how long one picture took."""
    width, height = trial.size
    classes = ", ".join(trial.classes)
    return Text(
        f"{trial.name}: sound; {trial.kind}, {width} x {height}, {trial.ms:.1f} ms a picture here; finds {classes}",
        f"{trial.name}：正常；{trial.kind}，{width} x {height}，本机每张 {trial.ms:.1f} 毫秒；可识别 {classes}",
    )


def measured(way: Measured) -> str:
    """One line of `model bench`; why it does not run here is in the words of whatever refused."""
    if way.loss is None:
        return f"{way.candidate!s:24} {way.why}"
    return f"{way.candidate!s:24} {way.ms:7.1f} ms  {way.loss:5.1f} AP"


def _mark(entry: Entry) -> str:
    return "x" if entry.model is None else "-" if entry.hidden else "+"


def _about(model: Model | None) -> str:
    if model is None:
        return " " * 24
    manifest = model.manifest
    size = f"{manifest.input.width}x{manifest.input.height}"
    return f"{size:9} {manifest.decoder:8} {len(manifest.classes):3}"
