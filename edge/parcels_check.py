"""What `sandwatch parcels check FILE` says."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from inference.geodesy.flaws import Flaw, ParcelFinding, ParcelsRefused
from inference.geodesy.layer import LayerSpec
from inference.geodesy.parcels import Parcels
from streams.problem import Language, Problem, Text

_LISTED = 5  # features printed for each flaw; --json has all


@dataclass(frozen=True, slots=True)
class Checked:
    """parcels: those that can be used; None where none can, and `refused` says why."""

    spec: LayerSpec
    parcels: Parcels | None
    refused: Problem | None = None
    findings: Sequence[ParcelFinding] = field(default_factory=tuple)

    @property
    def fit(self) -> bool:
        """Whether a site takes the file as it is."""
        return self.parcels is not None and all(each.flaw.only_told for each in self.findings)


def checked(spec: LayerSpec, near: tuple[float, float] | None) -> Checked:
    """Every fault at once, whatever `spec.bad` says. near: latitude and longitude of the site."""
    lenient = spec.model_copy(update={"bad": "skip"})
    try:
        parcels = Parcels.load(lenient, near)
    except ParcelsRefused as refused:
        return Checked(spec, None, refused.problem, refused.findings)
    return Checked(spec, parcels, None, parcels.findings)


def report(result: Checked, language: Language, *, near: bool) -> Iterator[str]:
    """Lines for a person. near: whether the site's place was known."""
    if result.refused is not None and not result.findings:
        yield result.refused.say(language)
    if result.parcels is not None:
        yield from (line.say(language) for line in _about(result.spec, result.parcels))
    yield from _faults(result.findings, language)
    if not near:
        yield _UNPLACED.say(language)
    yield (_FIT if result.fit else _UNFIT).say(language)


def as_json(result: Checked) -> dict[str, Any]:
    """The same and every finding, for machines."""
    parcels, refused = result.parcels, result.refused
    return {
        "file": str(result.spec.file),
        "layer": result.spec.name,
        "fit": result.fit,
        "refused": {"code": refused.code, "en": refused.say("en"), "zh": refused.say("zh")}
        if refused
        else None,
        "features": parcels.total if parcels else None,
        "usable": len(parcels) if parcels else 0,
        "crs": parcels.crs.name if parcels else None,
        "accuracy_m": parcels.crs.accuracy_m if parcels else None,
        "area_m2": round(parcels.area_m2, 1) if parcels else None,
        "bbox": [round(each, 7) for each in parcels.bounds] if parcels else None,
        "findings": [_finding(each) for each in result.findings],
    }


def _finding(each: ParcelFinding) -> dict[str, Any]:
    return {
        "code": f"parcels.{each.flaw}",
        "level": "note" if each.flaw.only_told else "error",
        "feature": each.number or None,
        "id": each.key,
        "en": each.what.en,
        "zh": each.what.zh,
        "do": {"en": each.flaw.do.en, "zh": each.flaw.do.zh},
    }


def _about(spec: LayerSpec, parcels: Parcels) -> Iterator[Text]:
    total, usable, km2 = parcels.total, len(parcels), parcels.area_m2 / 1e6
    west, south, east, north = (f"{each:.5f}" for each in parcels.bounds)
    yield Text(
        f"{spec.file.name} ({spec.name}): {usable} of {total} features can be used, {km2:.4g} km2",
        f"{spec.file.name}（{spec.name}）：{total} 个要素中 {usable} 个可用，共 {km2:.4g} 平方公里",
    )
    yield Text(
        f"  longitude {west} to {east}, latitude {south} to {north}",
        f"  经度 {west} 至 {east}，纬度 {south} 至 {north}",
    )
    name, accuracy = parcels.crs.name, parcels.crs.accuracy_m
    yield Text(
        f"  {name}, {'to WGS84 by a formula of unknown error' if accuracy is None else f'within {accuracy:g} m of WGS84'}",
        f"  {name}，{'按公开公式换算到 WGS84，误差未知' if accuracy is None else f'与 WGS84 相差不超过 {accuracy:g} 米'}",
    )


def _faults(findings: Iterable[ParcelFinding], language: Language) -> Iterator[str]:
    by_flaw: dict[Flaw, list[ParcelFinding]] = defaultdict(list)
    for each in findings:
        by_flaw[each.flaw].append(each)
    for flaw, found in by_flaw.items():
        mark = "-" if flaw.only_told else "x"
        yield f"{mark} {flaw} ({len(found)}): {flaw.do.say(language)}"
        yield from (f"    {each.what.say(language)}" for each in found[:_LISTED])
        if len(found) > _LISTED:
            yield _more(len(found) - _LISTED).say(language)


def _more(number: int) -> Text:
    return Text(f"    and {number} more; --json lists all", f"    另有 {number} 个；--json 列出全部")


_UNPLACED = Text(
    "not checked: whether it lies about the site; give --near LATITUDE,LONGITUDE",
    "未检查：是否位于站点周边；请给出 --near 纬度,经度",
)
_FIT = Text("ok", "正确")
_UNFIT = Text("a site does not take it as it is", "站点不会接受该文件的现状")
