"""sandwatch calibrate: how well a camera's ground is known, and what to measure again."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge import language
from edge.errors import FAILED, sayable

if TYPE_CHECKING:  # NumPy and OpenCV are loaded by the command
    from edge.calibrating import Measuring
    from inference.terrain.drawing import Picture


def calibrate(
    config: Annotated[
        Path, typer.Option("--config", "-c", help="The site file, whose ground: points are looked at.")
    ] = Path("/etc/sandwatch/site.yaml"),
    camera: Annotated[str | None, typer.Option(help="Which stream; default: the first with points.")] = None,
    preset: Annotated[str | None, typer.Option(help="Where it points, of a camera that turns.")] = None,
    points: Annotated[
        Path | None,
        typer.Option(help="A CSV file instead: x,y,lon,lat (or east,north) and perhaps height,sigma_m."),
    ] = None,
    near: Annotated[
        str | None, typer.Option(metavar="LAT,LON", help="Where the site is, with --points.")
    ] = None,
    elevation: Annotated[
        Path | None, typer.Option(help="A GeoTIFF of heights; needs sandwatch[elevation].")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="A picture of this camera to draw the ground in.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write it (.png, .jpg).")] = None,
    size: Annotated[str | None, typer.Option(metavar="WxH", help="Of its pictures: 1920x1080.")] = None,
    noise_px: Annotated[
        float, typer.Option(min=0.1, max=100, help="1 sigma of a clicked point, px of a picture 1920 wide.")
    ] = 2.0,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Fit a camera's ground to measured points: what does not fit, and how sure places and areas are."""
    from edge import calibrating, calibrating_say

    spoken = language.chosen()
    seen = _opened(picture)
    if (picture is None) != (out is None):
        raise typer.BadParameter("--picture and --out go together")
    wide = _size(size) or (None if seen is None else (seen.shape[1], seen.shape[0]))
    with sayable(spoken):
        asked = calibrating.Request(config, camera, preset, points, _place(near), elevation, wide, noise_px)
        found = calibrating.measuring(asked)
    if as_json:
        typer.echo(json.dumps(calibrating_say.as_json(found), ensure_ascii=False, indent=2))
    else:
        for line in calibrating_say.lines(found):
            typer.echo(line.say(spoken))
    if found.calibration is None:
        raise typer.Exit(FAILED)
    if seen is not None and out is not None:
        _draw(found, seen, out)


def _opened(picture: Path | None) -> "Picture | None":
    if picture is None:
        return None
    import cv2
    import numpy as np

    try:
        data = np.fromfile(picture, np.uint8)
    except OSError as error:
        raise typer.BadParameter(f"--picture: {error.strerror}") from None
    try:
        seen = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except cv2.error:  # larger than any camera's
        seen = None
    if seen is None:
        raise typer.BadParameter("--picture: is no picture")
    return np.asarray(seen, np.uint8)


def _draw(found: "Measuring", seen: "Picture", out: Path) -> None:
    import cv2

    from inference.terrain.drawing import drawn

    assert found.calibration is not None
    picture = drawn(seen, found.calibration, list(found.pairs))
    try:
        out.write_bytes(cv2.imencode(out.suffix or ".png", picture)[1].tobytes())
    except (OSError, cv2.error) as error:
        reason = error.strerror if isinstance(error, OSError) else "give it the ending .png or .jpg"
        raise typer.BadParameter(f"--out: {reason}") from None


def _place(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        lat, lon = (float(part) for part in text.replace("，", ",").split(","))
    except ValueError:
        raise typer.BadParameter("--near LATITUDE,LONGITUDE: 39.9042,116.4074") from None
    return lat, lon


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    try:
        width, height = (int(part) for part in text.lower().split("x"))
    except ValueError:
        width = height = 0
    if width < 1 or height < 1:
        raise typer.BadParameter("--size WIDTHxHEIGHT: 1920x1080")
    return width, height
