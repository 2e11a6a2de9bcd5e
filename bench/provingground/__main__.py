"""python -m bench.provingground ...; see the package's description."""

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bench.provingground.season.plan import PLANS

Options = argparse.Namespace


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    return int(options.do(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.provingground", description="The rendered site.")
    commands = parser.add_subparsers(required=True)

    def command(name: str, do: Callable[[Options], int], words: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=words)
        made.add_argument("folder", type=Path)
        made.set_defaults(do=do)
        return made

    _views_options(command("views", _views, "labelled random views"))
    _clip_options(command("clip", _clip, "a clip with the truth of every frame"))
    _still_options(command("stills", _stills, "the demo site's stills"))
    _still_options(command("disturb", _disturb, "an excavation growing in five stages"))
    _basis_options(command("basis", _basis, "the passes that seasons of fixed cameras are made from"))
    _strip_options(command("strip", _strip, "a day of a season, from a folder of basis"))
    sheet = command("sheet", _sheet, "contact sheet of labelled views")
    sheet.add_argument("picture", type=Path)
    sheet.add_argument("--count", type=int, default=24)
    sheet.add_argument("--seed", type=int, default=0)
    check = command("check", _check, "is every label sound; counts")
    check.add_argument("--drop", action="store_true", help="remove what is not")
    return parser


def _rendering(parser: argparse.ArgumentParser, samples: int, threads: int) -> None:
    parser.add_argument("--samples", type=int, default=samples, help="per pixel")
    parser.add_argument("--threads", type=int, default=threads)


def _views_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=56)
    parser.add_argument("--batch", type=int, default=28, help="views per site")
    parser.add_argument("--until", type=_today, default=math.inf, help="HH:MM, stop then")
    _rendering(parser, 6, 1)


def _clip_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--script", choices=("day", "night", "empty"), default="day")
    parser.add_argument("--size", type=_size, default=(640, 360), help="WIDTHxHEIGHT")
    parser.add_argument("--plate", type=int, default=48, help="samples per pixel of what stands still")
    _rendering(parser, 8, 2)


def _still_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--size", type=_size, default=(960, 540), help="WIDTHxHEIGHT")
    _rendering(parser, 24, 2)


def _basis_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scene", action="append", choices=[plan.name for plan in PLANS], help="default: all"
    )
    parser.add_argument("--size", type=_size, default=None, help="WIDTHxHEIGHT instead of the scene's own")
    _rendering(parser, 8, 1)


def _strip_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("picture", type=Path)
    parser.add_argument("--scene", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--area", type=float, default=0.0, help="m2 dug from 8 to 16 o'clock; 0: none")
    parser.add_argument("--distance", type=float, default=80.0, help="m to it")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def _today(text: str) -> float:
    """Seconds since 1970 of HH:MM today, local time."""
    hour, _, minute = text.partition(":")
    return datetime.now().astimezone().replace(hour=int(hour), minute=int(minute), second=0).timestamp()


# What needs the renderer is imported by the command that renders.


def _views(options: Options) -> int:
    from bench.provingground.views import Order, make  # noqa: PLC0415

    order = Order(options.seed, options.count, options.batch, options.samples, options.threads)
    make(options.folder, order, options.until)
    return 0


def _clip(options: Options) -> int:
    from bench.provingground.clip import Effort, make  # noqa: PLC0415

    make(
        options.script, options.folder, options.size, Effort(options.samples, options.plate, options.threads)
    )
    return 0


def _stills(options: Options) -> int:
    from bench.provingground.stills import make  # noqa: PLC0415

    make(options.folder, options.size, options.samples, options.threads)
    return 0


def _disturb(options: Options) -> int:
    from bench.provingground.disturb import make  # noqa: PLC0415

    make(options.folder, options.size, options.samples, options.threads)
    return 0


def _basis(options: Options) -> int:
    from bench.provingground.blend.basis import make  # noqa: PLC0415

    for plan in PLANS:
        if options.scene is None or plan.name in options.scene:
            sized = plan if options.size is None else replace(plan, size=options.size)
            make(sized, options.folder, options.samples, options.threads)
    return 0


def _strip(options: Options) -> int:
    import cv2  # noqa: PLC0415

    from bench.provingground.season.basis import load  # noqa: PLC0415
    from bench.provingground.season.strip import strip  # noqa: PLC0415

    made = strip(load(options.folder, options.scene), options.seed, options.area, options.distance)
    return 0 if cv2.imwrite(str(options.picture), made) else 1


def _sheet(options: Options) -> int:
    import cv2  # noqa: PLC0415

    from bench.provingground.sheet import sheet  # noqa: PLC0415

    return 0 if cv2.imwrite(str(options.picture), sheet(options.folder, options.count, options.seed)) else 1


def _check(options: Options) -> int:
    """1: something is wrong with a label."""
    from bench.provingground.check import checked, drop, told  # noqa: PLC0415

    account = checked(options.folder)
    print(told(account))
    if options.drop:
        drop(options.folder, iter(account.bad))
        return 0
    return 1 if account.bad else 0


if __name__ == "__main__":
    sys.exit(main())
