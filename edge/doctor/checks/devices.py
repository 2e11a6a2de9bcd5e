"""Devices that decode and detect: there, and ours to use."""

import os
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from edge.doctor.question import Box, Question, Verdict, fine, warn
from edge.settings.model import Site
from streams.problem import Problem, Text

_PATIENCE = 10.0  # s: device files only; none is opened
_RENDER = {"vaapi", "qsv"}
_DEV = Path("/dev")


def questions(box: Box) -> Iterable[Question]:
    return [Question("", lambda: _look(box.site), _PATIENCE)]


def _look(site: Site | None) -> Iterator[Verdict]:
    render, nvidia = sorted(_DEV.glob("dri/renderD*")), sorted(_DEV.glob("nvidia[0-9]*"))
    found = [str(node) for node in (*render, *nvidia)]
    found += [library for library in ("openvino",) if find_spec(library)]
    cores = os.cpu_count() or 1
    yield fine(
        f"{cores} CPU cores; {', '.join(found) or 'no others'}",
        f"CPU {cores} 核；{'、'.join(found) or '无其他设备'}",
    )
    for node in (*render, *nvidia):
        if not os.access(node, os.R_OK | os.W_OK):
            yield warn(_locked(node))
    for wanted in sorted(_wanted(site)):
        if not (render if wanted in _RENDER else nvidia):
            yield warn(_absent(wanted))


def _wanted(site: Site | None) -> set[str]:
    """What the site asks for by name, among what has a device file."""
    if site is None:
        return set()
    asked = {stream.hwaccel for stream in site.streams} | {str(getattr(site.detector, "device", ""))}
    return asked & {*_RENDER, "cuda", "tensorrt"}


def _locked(node: Path) -> Problem:
    return Problem(
        "device.locked",
        Text(f"{node} may not be used by this user", f"当前用户无权使用 {node}"),
        Text(
            "give the service the device with gpu.conf beside its unit (groups video and render)",
            "请用 gpu.conf 把设备交给服务（video 与 render 组）",
        ),
    )


def _absent(wanted: str) -> Problem:
    return Problem(
        "device.absent",
        Text(f"the site asks for {wanted}, and there is no such device", f"站点要求 {wanted}，但没有该设备"),
        Text(
            "install its driver, or leave the key out: the CPU does the work",
            "请安装驱动，或删除该项由 CPU 处理",
        ),
    )
