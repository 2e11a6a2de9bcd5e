"""python -m bench.train prepare | fit | export: how the shipped detector is made."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from bench.train.sources import CLASSES, REAL, Part, Source, clips, rendered

# Each task imports what it needs when it runs: only `fit` and `export` have PyTorch.
# ruff: noqa: PLC0415


def main() -> None:
    options = _options()
    options.folder.mkdir(parents=True, exist_ok=True)
    {"prepare": _prepare, "fit": _fit, "export": _export}[options.task](options)


def _prepare(options: argparse.Namespace) -> None:
    """Frames of the labelled clips, and what COCO networks see on every picture that teaches."""
    from bench.train.clips import extract
    from bench.train.samples import key_of, listed
    from bench.train.teacher import Teacher, together

    print(extract(options.data / "video", _clips(options)), "frames of clips")
    teachers = [Teacher(path) for path in options.teacher]
    seen = {
        key_of(path): together(teachers, path, source.squeeze)
        for source in _photographed(options)
        for path in listed(options.data, source)
        if source.part(path.stem) is Part.TRAIN
    }
    _sightings(options).write_text(json.dumps(seen), "utf-8")
    print(len(seen), "pictures looked at")


def _fit(options: argparse.Namespace) -> None:
    from bench.train.fit import Plan, fit
    from bench.train.samples import Knowledge, read
    from bench.train.schedule import Schedule

    views = [rendered(str(folder.resolve())) for folder in options.rendered]
    known = Knowledge.read(_sightings(options))
    samples = [*read(options.data, [*_photographed(options), *views], Part.TRAIN, known)]
    plan = Plan(
        weights=options.weights,
        folder=options.folder,
        schedule=Schedule(options.pictures, cool_down=options.cool_down),
        minutes=options.minutes,
        batch=options.batch,
        rate=options.rate,
        seed=options.seed,
        device=options.device,
        workers=options.workers,
        resume=options.resume,
    )
    fit(plan, samples)


def _export(options: argparse.Namespace) -> None:
    from bench.train.state import averaged_network
    from bench.train.weights import export

    export(averaged_network(options.folder / "last.pt", len(CLASSES)), options.to, len(CLASSES))


def _photographed(options: argparse.Namespace) -> Iterator[Source]:
    yield from REAL
    yield clips(str(_clips(options).resolve()))


def _clips(options: argparse.Namespace) -> Path:
    folder: Path = options.folder / "clips"
    return folder


def _sightings(options: argparse.Namespace) -> Path:
    file: Path = options.folder / "sightings.json"
    return file


def _options() -> argparse.Namespace:
    # torchrun takes what it can complete to an option of its own, such as --run and --start, for itself.
    parser = argparse.ArgumentParser(prog="python -m bench.train", description=__doc__)
    tasks = parser.add_subparsers(dest="task", required=True)
    prepare = tasks.add_parser("prepare", help="once, before the first fit")
    prepare.add_argument(
        "--teacher", type=Path, action="append", default=[], help="a COCO network (ONNX); several: repeat it"
    )
    fit = tasks.add_parser("fit", help="alone, or under torchrun")
    fit.add_argument("--weights", type=Path, required=True, help="YOLOX-nano's, to start from (ONNX)")
    fit.add_argument("--rendered", type=Path, nargs="*", default=[], help="views of the proving ground")
    fit.add_argument("--pictures", type=int, default=200_000, help="length of the whole run")
    fit.add_argument("--cool-down", type=float, default=0.3, help="part of the run in which the rate falls")
    fit.add_argument("--minutes", type=float, default=float("inf"), help="of this call; go on with --resume")
    fit.add_argument("--batch", type=int, default=16, help="pictures per process and step")
    fit.add_argument("--rate", type=float, default=1e-3)
    fit.add_argument("--seed", type=int, default=1)
    fit.add_argument("--device", default="cpu", help="cpu or cuda")
    fit.add_argument("--workers", type=int, default=0, help="processes that read ahead")
    fit.add_argument("--resume", action="store_true", help="go on from FOLDER/last.pt")
    export = tasks.add_parser("export", help="the running average as ONNX")
    export.add_argument("--to", type=Path, required=True)
    for task in (prepare, fit, export):
        task.add_argument("--folder", type=Path, default=Path("run"), help="where the run keeps its state")
    for task in (prepare, fit):
        task.add_argument("--data", type=Path, required=True, help="folder with images/ and video/")
    return parser.parse_args()


if __name__ == "__main__":
    main()
