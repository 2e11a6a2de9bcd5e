"""What `sandwatch calibrate` prints."""

import math
from collections.abc import Iterator
from typing import Any

from edge.calibrating import Measuring
from inference.terrain.calibration import Calibration, sigma_at
from streams.problem import Text

DISTANCES = (50.0, 100.0, 200.0, 300.0)  # m from the camera's foot
_POOR = 1.5  # times the stated errors: honest points seldom look as bad


def lines(found: Measuring) -> Iterator[Text]:
    """For people."""
    if found.refused is not None:
        text = found.refused.text
        yield Text(f"{found.name}: {text.en}", f"{found.name}：{text.zh}")
        return
    calibration = found.calibration
    assert calibration is not None
    yield Text(f"{found.name}: {len(found.pairs)} pairs", f"{found.name}：{len(found.pairs)} 个点对")
    yield Text(
        "pair   off, m   off, px   by the others, m", "点对   偏差/米   偏差/像素   由其余点推算的偏差/米"
    )
    for number, each in enumerate(calibration.residuals, start=1):
        others = "-" if each.others is None else f"{each.others:.2f}"
        row = f"{number:4}   {each.metres:6.2f}   {each.px:7.1f}   {others:>16}"
        yield Text(row, row)
    yield from advice(calibration)
    yield from _sigmas(calibration)


def advice(calibration: Calibration) -> Iterator[Text]:
    """What to measure next, where anything."""
    if len(calibration.residuals) == 4:
        yield Text(
            "four pairs fit always: a fifth would show a mistake, a sixth where it is",
            "四个点对必然吻合：测第五点可发现错误，测第六点可指出错在哪一点",
        )
    elif calibration.scale > _POOR:
        yield Text(
            f"the pairs fit {calibration.scale:.1f} times worse than stated: measure pair {calibration.worst + 1} again",
            f"点对的偏差是所述误差的 {calibration.scale:.1f} 倍：请重测第 {calibration.worst + 1} 个点对",
        )


def _sigmas(calibration: Calibration) -> Iterator[Text]:
    if calibration.camera is None:
        yield Text(
            "how sure places are by distance: not told, these points do not say where the camera stands",
            "按距离的不确定度：无法给出，这些点不能确定相机位置",
        )
        return
    for distance in DISTANCES:
        sigma = sigma_at(calibration, distance)
        if sigma is None:
            yield Text(f"at {distance:.0f} m: not in the picture", f"{distance:.0f} 米处：不在画面内")
        elif math.isinf(sigma):
            yield Text(f"at {distance:.0f} m: too near the horizon", f"{distance:.0f} 米处：过于接近地平线")
        else:
            yield Text(
                f"at {distance:.0f} m: places within {sigma:.2f} m (1 sigma)",
                f"{distance:.0f} 米处：位置误差 {sigma:.2f} 米（1 倍标准差）",
            )


def as_json(found: Measuring) -> dict[str, Any]:
    """For machines; what is not known is null."""
    told: dict[str, Any] = {"name": found.name, "pairs": len(found.pairs), "fit": found.refused is None}
    if found.refused is not None:
        text, suspects = found.refused.text, [index + 1 for index in found.refused.suspects]
        return {**told, "refused": {"en": text.en, "zh": text.zh, "pairs": suspects}}
    calibration = found.calibration
    assert calibration is not None
    told["scale"] = round(calibration.scale, 3)
    told["residuals"] = [
        {
            "pair": number,
            "metres": _round(each.metres),
            "px": _round(each.px),
            "others_m": _round(each.others),
        }
        for number, each in enumerate(calibration.residuals, start=1)
    ]
    told["sigma_m"] = {f"{distance:.0f}": _round(sigma_at(calibration, distance)) for distance in DISTANCES}
    camera = calibration.camera
    told["camera"] = camera and {
        "east": _round(camera.place[0]),
        "north": _round(camera.place[1]),
        "up": _round(camera.place[2]),
        "hfov": _round(camera.hfov),
        "lens": round(camera.lens, 4),
    }
    return told


def _round(value: float | None) -> float | None:
    return round(value, 3) if value is not None and math.isfinite(value) else None
