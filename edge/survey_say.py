"""What `sandwatch survey` prints: lines for people, JSON for machines, files for maps."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from edge.survey_files import Shot, SurveyRefused
from edge.survey_work import Compared
from edge.wire import rfc3339
from inference.change import Overlap, Place
from inference.geodesy.export import Disturbance, csv, geojson, geometry
from inference.geodesy.kml import kml
from inference.survey.flights import Disturbed
from inference.survey.outlined import Survey
from inference.terrain.area import Measured
from streams.problem import Language, Problem, Text


def written(file: Path, found: Iterable[Disturbance], language: Language) -> None:
    """By the file's ending. Raises SurveyRefused where it cannot be written."""
    match file.suffix.lower():
        case ".kml":
            parts = kml(found, language)
        case ".csv":
            parts = csv(found, language)
        case _:
            parts = geojson(found)
    stored(file, parts)


def stored(file: Path, parts: Iterable[bytes]) -> None:
    """Raises SurveyRefused where it cannot be written."""
    try:
        with file.open("wb") as out:
            out.writelines(parts)
    except OSError as error:
        raise SurveyRefused(_unwritten(file, error.strerror or type(error).__name__)) from None


def area(survey: Survey, shots: Sequence[Shot]) -> Iterator[Text]:
    """Lines: each picture, then all together, then the parcels."""
    for shot, size in zip(shots, survey.each, strict=True):
        yield _picture(shot, size)
    yield _size(survey.place)
    yield from _parcels(survey.place.overlaps)


def area_json(survey: Survey, shots: Sequence[Shot]) -> dict[str, Any]:
    each = [
        {"picture": shot.name, "height_m": round(shot.place.height, 1), **_measured(size)}
        for shot, size in zip(shots, survey.each, strict=True)
    ]
    return {**_place(survey.place), "pictures": each}


def comparison(result: Compared) -> Iterator[Text]:
    """Lines: what was compared and how well, each patch, then what was left out and why."""
    done = result.comparisons
    residual = max(each.registration.residual_m for each in done)
    judged = sum(each.judged_m2 for each in done)
    yield Text(
        f"{len(done)} pairs compared, {judged:.0f} m² in all, laid over each other to {residual:.2f} m",
        f"已比对 {len(done)} 对画面，共 {judged:.0f} 平方米，配准误差 {residual:.2f} 米",
    )
    for number, each in enumerate(result.found, 1):
        yield _patch(number, each)
        yield from _parcels(each.place.overlaps)
    if not result.found:
        yield Text("nothing changed that is large enough", "未发现达到面积的变化")
    yield from _left_out(result.refused)


def comparison_json(result: Compared) -> dict[str, Any]:
    return {
        "before": {"name": result.before.name, "taken": rfc3339(result.before.taken)},
        "after": {"name": result.after.name, "taken": rfc3339(result.after.taken)},
        "patches": [
            {**_place(each.place), "confidence": round(each.confidence, 3), "soil": round(each.soil, 3)}
            for each in result.found
        ],
        "pairs": [
            {
                "residual_m": round(each.registration.residual_m, 3),
                "matches": each.registration.matches,
                "spread": round(each.registration.spread, 2),
                "shift_m": round(each.registration.shift_m, 2),
                "judged_m2": round(each.judged_m2),
                "cell_m": round(each.cell_m, 3),
            }
            for each in result.comparisons
        ],
        "refused": [_problem(each) for each in result.refused],
    }


def footprints(shots: Sequence[Shot | Problem]) -> Iterator[Text]:
    for shot in shots:
        if isinstance(shot, Problem):
            yield Text(shot.say("en"), shot.say("zh"))
            continue
        corners = "  ".join(f"{lon:.6f},{lat:.6f}" for lon, lat in shot.place.footprint)
        yield Text(
            f"{shot.name}: {shot.place.height:.0f} m above the ground: {corners}",
            f"{shot.name}：离地 {shot.place.height:.0f} 米：{corners}",
        )


def footprints_json(shots: Sequence[Shot | Problem]) -> dict[str, Any]:
    """GeoJSON (RFC 7946)."""
    features = [
        {
            "type": "Feature",
            "geometry": geometry(shot.place.footprint),
            "properties": {
                "picture": shot.name,
                "taken": rfc3339(shot.taken),
                "height_m": round(shot.place.height, 1),
            },
        }
        for shot in shots
        if isinstance(shot, Shot)
    ]
    refused = [_problem(shot) for shot in shots if isinstance(shot, Problem)]
    return {"type": "FeatureCollection", "features": features, "refused": refused}


def as_json(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2)


def _picture(shot: Shot, size: Measured) -> Text:
    height = shot.place.height
    if size.area_m2 is None or size.sigma_m2 is None:
        why = size.withheld or Text("", "")
        return Text(f"{shot.name}: {why.en}", f"{shot.name}：{why.zh}")
    return Text(
        f"{shot.name}: {size.area_m2:.0f} ± {size.sigma_m2:.0f} m², from {height:.0f} m",
        f"{shot.name}：{size.area_m2:.0f} ± {size.sigma_m2:.0f} 平方米，航高 {height:.0f} 米",
    )


def _size(place: Place) -> Text:
    lon, lat = (sum(part) / len(place.outline) for part in zip(*place.outline, strict=True))
    where = f"{lon:.6f},{lat:.6f}"
    if place.area_m2 is None or place.area_sigma_m2 is None:
        why = place.withheld or Text("", "")
        return Text(f"no area: {why.en} ({where})", f"不给出面积：{why.zh}（{where}）")
    return Text(
        f"area {place.area_m2:.0f} ± {place.area_sigma_m2:.0f} m² (1 sigma) at {where} ± {place.sigma_m:.1f} m",
        f"面积 {place.area_m2:.0f} ± {place.area_sigma_m2:.0f} 平方米（1σ），位置 {where} ± {place.sigma_m:.1f} 米",
    )


def _patch(number: int, each: Disturbed) -> Text:
    size, ground = _size(each.place), _SOIL if each.soil >= _BARE else _NO_SOIL
    return Text(
        f"{number}. {size.en}; confidence {each.confidence:.2f}; {ground.en}",
        f"{number}. {size.zh}；置信度 {each.confidence:.2f}；{ground.zh}",
    )


_BARE = 0.2  # share that looks like bare soil: of moving lorries and buses on real roads it is below 0.05
_SOIL = Text("bare soil", "裸土")
_NO_SOIL = Text("not like bare soil: a vehicle, a roof, water?", "不似裸土：可能是车辆、屋顶或水面")


def _parcels(overlaps: Sequence[Overlap] | None) -> Iterator[Text]:
    for each in overlaps or ():
        name = f" {each.name}" if each.name else ""
        size = "" if each.area_m2 is None else f" {each.area_m2:.0f} m²"
        line = f"   {each.layer} {each.key}{name}{size}, {each.share:.0%}"
        yield Text(line, line)


def _left_out(refused: Sequence[Problem]) -> Iterator[Text]:
    """Each reason once."""
    for code in dict.fromkeys(each.code for each in refused):
        same = [each for each in refused if each.code == code]
        yield Text(f"{len(same)} left out: {same[0].say('en')}", f"{len(same)} 项未参与：{same[0].say('zh')}")


def _place(place: Place) -> dict[str, Any]:
    return {
        "geo": geometry(place.outline),
        "sigma_m": round(place.sigma_m, 2),
        **_measured(Measured(place.area_m2, place.area_sigma_m2, place.sigma_m, place.withheld)),
        "parcels": None if place.overlaps is None else [_overlap(each) for each in place.overlaps],
    }


def _overlap(each: Overlap) -> dict[str, Any]:
    area_m2 = None if each.area_m2 is None else round(each.area_m2, 1)
    return {"layer": each.layer, "key": each.key, "name": each.name, "area_m2": area_m2, "share": each.share}


def _measured(size: Measured) -> dict[str, Any]:
    known = size.area_m2 is not None and size.sigma_m2 is not None
    return {
        "area_m2": round(size.area_m2, 1) if size.area_m2 is not None else None,
        "area_sigma_m2": round(size.sigma_m2, 1) if known and size.sigma_m2 is not None else None,
        "area_withheld": None if size.withheld is None else {"en": size.withheld.en, "zh": size.withheld.zh},
    }


def _problem(problem: Problem) -> dict[str, str]:
    return {"code": problem.code, "en": problem.say("en"), "zh": problem.say("zh")}


def _unwritten(file: Path, why: str) -> Problem:
    return Problem(
        "survey.unwritten",
        Text(f"{file} cannot be written: {why}", f"无法写入 {file}：{why}"),
        Text("choose another --out", "请更换 --out"),
    )
