"""Declared reference systems."""

import numpy as np
import pytest
from pyproj import CRS, Geod

from inference.geodesy import gcj
from inference.geodesy.crs import CrsRefused, declared

PLACE = np.array([[114.25, 36.1]])
ESRI = (
    'PROJCS["CGCS2000_3_Degree_GK_Zone_38",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",'
    'DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",38500000.0],'
    'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",114.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)


@pytest.mark.parametrize("code", range(4491, 4555))
def test_every_zone_of_cgcs2000_gives_back_what_is_drawn_in_it(code: int) -> None:
    """Against where a geodesic from the central meridian ends, which no projection of ours took part in."""
    drawn = CRS(code).coordinate_operation
    assert drawn is not None
    given = {each.name: float(each.value) for each in drawn.params}
    central, false = given["Longitude of natural origin"], given["False easting"]
    lon, lat, _ = Geod(ellps="GRS80").fwd(central, 0.0, 90.0, 100_000.0)
    across = 100_000.0 * (1 + (100 / 6378.0) ** 2 / 6)  # the scale grows with the square of the distance
    found = declared(f"EPSG:{code}").degrees(np.array([[false + across, 0.0]]))
    assert np.abs(found - [[lon, lat]]).max() < 1e-6
    assert declared(f"EPSG:{code}").metric


@pytest.mark.parametrize(
    "text", ["EPSG:4490", "epsg:4326", "urn:ogc:def:crs:EPSG::4490", "urn:ogc:def:crs:OGC:1.3:CRS84"]
)
def test_degrees_are_east_first_whatever_the_registry_says(text: str) -> None:
    crs = declared(text)
    assert np.abs(crs.degrees(PLACE) - PLACE).max() < 1e-9
    assert crs.accuracy_m is not None
    assert crs.accuracy_m <= 1.0
    assert not crs.metric


def test_a_prj_in_the_words_of_another_program() -> None:
    crs = declared(ESRI)
    assert np.abs(crs.degrees(np.array([[38_500_000.0, 0.0]])) - [[114.0, 0.0]]).max() < 1e-9
    assert crs.accuracy_m == 1.0


def test_wgs84_in_the_words_of_another_program() -> None:
    crs = declared(CRS(32650).to_wkt("WKT1_ESRI"))
    assert np.abs(crs.degrees(np.array([[500_000.0, 0.0]])) - [[117.0, 0.0]]).max() < 1e-9


@pytest.mark.parametrize("text", ["GCJ-02", "gcj02", "GCJ_02"])
def test_gcj_only_by_its_name(text: str) -> None:
    assert np.abs(declared(text).degrees(gcj.to_gcj(PLACE)) - PLACE).max() < 1e-7
    assert np.abs(declared("BD-09").degrees(gcj.to_bd(PLACE)) - PLACE).max() < 1e-7


@pytest.mark.parametrize(
    "text",
    [
        "EPSG:4610",
        "EPSG:2362",
        "EPSG:4214",
        "EPSG:2414",
        "+proj=longlat +ellps=krass",
        CRS(4214).to_wkt("WKT1_ESRI"),
    ],
)
def test_old_datums_are_refused_rather_than_a_hundred_metres_wrong(text: str) -> None:
    """Xian 1980 and Beijing 1954: their parameters are of each place, and not public."""
    with pytest.raises(CrsRefused) as refused:
        declared(text)
    assert refused.value.problem.code == "parcels.datum"
    assert "CGCS2000" in refused.value.problem.do.zh


@pytest.mark.parametrize("text", ["", "EPSG:999999", "2000国家大地坐标系", "EPSG:5773", "EPSG:4978"])
def test_what_is_no_reference_system_of_the_ground(text: str) -> None:
    with pytest.raises(CrsRefused) as refused:
        declared(text)
    assert refused.value.problem.code == "parcels.crs"
    assert "EPSG:4490" in refused.value.problem.do.en


def test_what_lies_outside_a_system_is_nowhere() -> None:
    places = declared("EPSG:4547").degrees(np.array([[500_000.0, 4e6], [1e12, 4e6], [np.nan, 0.0]]))
    assert np.isfinite(places[0]).all()
    assert np.isnan(places[1:]).all()
