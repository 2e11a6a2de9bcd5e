"""Parcel files as land offices deliver them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import shapefile

from inference.geodesy.flaws import ParcelFinding, ParcelsRefused
from inference.geodesy.layer import LayerSpec
from inference.geodesy.parcels import Parcels

Ring = Sequence[tuple[float, float]]

SITE = (39.9, 116.4)
"""Latitude and longitude that the parcels here lie about."""


def square(east: float = 0.0, north: float = 0.0, side: float = 0.001) -> list[tuple[float, float]]:
    """Closed, counter-clockwise, degrees: its lower left corner so far from the site."""
    x, y = SITE[1] + east, SITE[0] + north
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]


def feature(
    *rings: Ring, key: object = "1", kind: str = "Polygon", name: str = "东河村耕地"
) -> dict[str, Any]:
    """One GeoJSON polygon of an outer ring and holes."""
    geometry = {"type": kind, "coordinates": [list(map(list, ring)) for ring in rings]}
    return {"type": "Feature", "properties": {"DKBM": key, "DKMC": name}, "geometry": geometry}


def geojson(path: Path, *features: Mapping[str, Any], **members: object) -> Path:
    collection = {"type": "FeatureCollection", **members, "features": list(features)}
    path.write_text(json.dumps(collection, ensure_ascii=False), "utf-8")
    return path


def shape(
    path: Path,
    *parcels: Sequence[Ring],
    prj: str | None = None,
    encoding: str = "gb18030",
    cpg: str | None = "GBK",
    names: Sequence[str] = (),
) -> Path:
    """A Shapefile: of each parcel its rings, outer ones clockwise; DKBM is 1, 2, 3 ..."""
    with shapefile.Writer(str(path), shapeType=shapefile.POLYGON, encoding=encoding) as writer:
        writer.field("DKBM", "C", 20)
        writer.field("DKMC", "C", 40)
        for number, rings in enumerate(parcels, 1):
            writer.poly([list(ring) for ring in rings])
            writer.record(str(number), names[number - 1] if names else "东河村耕地")
    if prj is not None:
        path.with_suffix(".prj").write_text(prj, "utf-8")
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg, "utf-8")
    return path


def spec(file: Path, **more: Any) -> LayerSpec:
    return LayerSpec(
        **{"name": "地块", "file": file, "crs": "EPSG:4326", "key": "DKBM", "label": "DKMC", **more}
    )


def refusal(file: Path, near: tuple[float, float] | None = SITE, **more: Any) -> ParcelsRefused:
    with pytest.raises(ParcelsRefused) as refused:
        Parcels.load(spec(file, **more), near)
    problem = refused.value.problem
    assert file.name in problem.what.en
    assert file.name in problem.what.zh
    assert problem.do.en
    assert problem.do.zh
    return refused.value


def only(refused: ParcelsRefused) -> ParcelFinding:
    (finding,) = refused.findings
    return finding
