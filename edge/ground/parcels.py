"""Files of parcels: taken in, laid on a map, drawn into a picture. Loads shapely, pyproj."""

import shutil
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from edge import parcels_check
from edge.ground.cameras import JSON, Fitted, Json
from edge.ground.words import Take
from inference.geodesy.flaws import ParcelsRefused, refused
from inference.geodesy.intake import Intake, taken
from inference.geodesy.layer import LayerSpec
from inference.geodesy.placing import Surroundings
from inference.geodesy.shapes import MOST_BYTES
from streams.problem import Text

Floats = NDArray[np.float64]
Line = list[list[float]]

_BESIDE = frozenset({".shp", ".dbf", ".prj", ".cpg", ".shx"})
_MOST_FILES = 100  # in a zip: some programs put a dozen indexes beside a Shapefile
_BLOCK = 1 << 20
_MOST_CORNERS = 30_000  # of all outlines that one answer holds: 700 kB
_COARSE = 1e-6  # degrees, 0.1 m: what is thinner cannot be seen
_AROUND = 600.0  # m about the middle of what a camera was measured by
_STEP = 5.0  # m between the points of a line, which a lens bends
_REACH_KM = 100.0


def take(asked: Take) -> Json:
    """What `sandwatch parcels check --json` says of it; "file": what was put into the folder."""
    try:
        file = _unpacked(asked.sent, asked.folder)
        found = parcels_check.checked(asked.spec.model_copy(update={"file": file}), asked.position)
    except ParcelsRefused as error:
        found = parcels_check.Checked(asked.spec, None, error.problem)
    fit = found.fit or (asked.spec.bad == "skip" and found.parcels is not None)
    return {**parcels_check.as_json(found), "fit": fit}


def layers(
    specs: Sequence[LayerSpec], position: tuple[float, float]
) -> tuple[list[tuple[LayerSpec, Intake]], list[Json]]:
    """Those that can be used, and what is wrong with the others."""
    good: list[tuple[LayerSpec, Intake]] = []
    bad: list[Json] = []
    for spec in specs:
        try:
            good.append((spec, taken(spec, Surroundings(position, _REACH_KM))))
        except ParcelsRefused as error:
            bad.append({"layer": spec.name, "en": error.problem.say("en"), "zh": error.problem.say("zh")})
    return good, bad


def laid(specs: Sequence[LayerSpec], position: tuple[float, float]) -> Json:
    """Their outlines in degrees, those nearest to the site first. left: how many there was no room for; unfit: layers that
    cannot be used, and why."""
    room, left = _MOST_CORNERS, 0
    shown: list[dict[str, object]] = []
    good, bad = layers(specs, position)
    for spec, intake in good:
        lon, lat = position[1], position[0]
        order = np.argsort(shapely.distance(intake.polygons, shapely.Point(lon, lat)), kind="stable")
        for place in order.tolist():
            rings = _rings(shapely.simplify(intake.polygons[place], _COARSE))
            room -= sum(len(ring) for ring in rings)
            if room < 0:
                left += 1
                continue
            key, label = intake.keys[place], intake.labels[place]
            shown.append(
                {"layer": spec.name, "severity": spec.severity, "key": key, "name": label, "rings": rings}
            )
    return JSON.validate_python({"parcels": shown, "left": left, "unfit": bad})


def drawn(specs: Sequence[LayerSpec], position: tuple[float, float], found: Fitted) -> Json:
    """Their outlines as lines in the camera's picture: relative x, y."""
    if found.calibration is None or found.frame is None:
        return {"parcels": [], "unfit": []}
    metres = np.array([pair.metres for pair in found.measuring.pairs])
    around = shapely.Point(metres.mean(axis=0)).buffer(_AROUND + float(np.ptp(metres, axis=0).max()))
    shown: list[dict[str, object]] = []
    room = _MOST_CORNERS
    good, bad = layers(specs, position)
    for spec, intake in good:
        for place, polygon in enumerate(intake.polygons):
            lines = [*_lines(polygon, around, found)]
            room -= sum(map(len, lines))
            if lines and room >= 0:
                shown.append(
                    {
                        "layer": spec.name,
                        "key": intake.keys[place],
                        "name": intake.labels[place],
                        "lines": lines,
                    }
                )
    return JSON.validate_python({"parcels": shown, "unfit": bad})


def _lines(polygon: shapely.Geometry, around: shapely.Geometry, found: Fitted) -> Iterator[Line]:
    """Pieces of its boundary that are before the camera and near the picture."""
    frame = found.frame
    assert frame is not None
    for ring in shapely.get_rings(shapely.get_parts(polygon)).tolist():
        line = shapely.LineString(frame.metres(shapely.get_coordinates(ring)))
        for part in shapely.get_parts(shapely.segmentize(line.intersection(around), _STEP)).tolist():
            if shapely.get_num_coordinates(part) < 2:
                continue
            pixels = found.pixels(shapely.get_coordinates(part))
            near = np.isfinite(pixels) & (np.abs(pixels - 0.5) <= 1)
            for run in _runs(np.asarray(near.all(axis=1), np.bool_)):
                yield [[round(x, 5), round(y, 5)] for x, y in pixels[run].tolist()]


def _runs(near: NDArray[np.bool_]) -> Iterator[slice]:
    """Of two and more in a row."""
    edges = np.flatnonzero(np.diff(np.r_[False, near, False].astype(np.int8)))
    for start, end in edges.reshape(-1, 2).tolist():
        if end - start >= 2:
            yield slice(start, end)


def _rings(polygon: shapely.Geometry) -> list[Line]:
    return [
        [[round(lon, 7), round(lat, 7)] for lon, lat in shapely.get_coordinates(ring).tolist()]
        for ring in shapely.get_rings(shapely.get_parts(polygon)).tolist()
    ]


def _unpacked(sent: Path, folder: Path) -> Path:
    """The file of parcels in the folder. Raises ParcelsRefused."""
    if not zipfile.is_zipfile(sent):
        return Path(shutil.copyfile(sent, folder / "parcels.geojson"))
    try:
        with zipfile.ZipFile(sent) as archive:
            return _extracted(archive, folder)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        # What the module raises for damage, for methods it does not know, and for what is encrypted.
        raise refused("zip", Path("zip"), _DAMAGED, _PACK) from error


def _extracted(archive: zipfile.ZipFile, folder: Path) -> Path:
    """Names in it are not taken over: they may lead anywhere."""
    members = [each for each in archive.infolist() if not each.is_dir() and _suffix(each) in _BESIDE]
    kinds = [_suffix(each) for each in members]
    if len(archive.infolist()) > _MOST_FILES or len(set(kinds)) < len(kinds) or ".shp" not in kinds:
        raise refused("zip", Path("zip"), _NOT_ONE, _PACK)
    room = MOST_BYTES
    for member in members:
        room = _copied(archive, member, folder / f"parcels{_suffix(member)}", room)
    return folder / "parcels.shp"


def _copied(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, room: int) -> int:
    """Bytes of room left: counted as they come, since a zip may say anything of its sizes."""
    with archive.open(member) as source, target.open("wb") as file:
        while block := source.read(_BLOCK):
            room -= len(block)
            if room < 0:
                raise refused("zip", Path("zip"), _LARGE, _PACK)
            file.write(block)
    return room


def _suffix(member: zipfile.ZipInfo) -> str:
    return Path(member.filename).suffix.lower()


_PACK = Text(
    "put one Shapefile into the zip: .shp, .dbf, .prj, .cpg; near the site only",
    "请将一个 Shapefile 的 .shp、.dbf、.prj、.cpg 打包为 zip，只含站点周边地块",
)
_DAMAGED = Text("the zip is damaged, or encrypted", "zip 文件损坏或已加密")
_NOT_ONE = Text("the zip does not hold one Shapefile", "zip 中须且只能有一个 Shapefile")
_LARGE = Text(
    f"what is in the zip is larger than {MOST_BYTES >> 20} MB", f"zip 解压后超过 {MOST_BYTES >> 20} MB"
)
