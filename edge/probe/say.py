"""What `sandwatch probe` found, for people and for machines."""

import json
from collections.abc import Iterator
from typing import Any

from edge.probe.verdicts import Verdict, Weight
from edge.probe.work import Probed, stream_item
from edge.settings.edit import item, plain_value
from streams.problem import Text
from streams.source import StreamInfo
from streams.urls import endpoint

Row = tuple[Text, Text | str]
MARKS = {Weight.GOOD: "✓", Weight.NOTE: "·", Weight.BAD: "!"}


def rows(probed: Probed) -> Iterator[Row]:
    """What was measured, in the order of a table."""
    info, found = probed.heard.info, probed.found
    yield Text("stream", "码流"), probed.where
    yield Text("codec", "编码"), _codec(probed)
    yield Text("size", "分辨率"), f"{info.width}x{info.height}"
    yield Text("key frames", "关键帧"), _groups(probed)
    yield Text("B-frames", "B 帧"), _YES if found.b_frames else _NO
    yield Text("rate", "帧率"), _rate(probed)
    yield Text("bit rate", "码率"), f"{found.bitrate / 1000:.0f} kbit/s"
    yield Text("sound", "声音"), _sound(info)
    yield Text("first picture after", "首帧等待"), f"{probed.heard.waited:.1f} s"
    yield Text("pictures", "画面"), _pictures(found.pictures, probed.seen.damaged, found.missing)
    yield Text("late by up to", "到达延迟最多"), f"{found.jitter * 1000:.0f} ms (95 %)"
    yield Text("camera's clock", "摄像机时钟"), "-" if probed.clock is None else f"{probed.clock:+.1f} s"
    for each in probed.siblings:
        yield Text("other stream", "其他码流"), f"{endpoint(each.url)}  {_short(each.info)}"
    if probed.onvif is not None:
        names = ", ".join(each.name for each in probed.onvif.profiles)
        yield Text("ONVIF", "ONVIF"), names or "-"


def conclusions(probed: Probed) -> Iterator[Text]:
    for each in probed.verdicts:
        mark = MARKS[each.weight]
        yield Text(f"{mark} {each.text.en}", f"{mark} {each.text.zh}")


def pasted(probed: Probed) -> str:
    """A list item for `streams:`."""
    return item(stream_item(probed), 2)


def as_json(probed: Probed) -> str:
    info, found, seen = probed.heard.info, probed.found, probed.seen
    told: dict[str, Any] = {
        "where": probed.where,
        "codec": info.codec,
        "profile": found.grade.profile if found.grade else None,
        "level": found.grade.level if found.grade else None,
        "width": info.width,
        "height": info.height,
        "gop": list(found.gop),
        "gop_seconds": round(found.gop_seconds, 2),
        "b_frames": found.b_frames,
        "fps": None if found.fps is None else round(found.fps, 2),
        "fps_announced": found.announced,
        "bitrate": round(found.bitrate),
        "sound": None if info.sound is None else {"codec": info.sound.codec, "rate": info.sound.rate},
        "seconds": round(found.seconds, 2),
        "waited": round(probed.heard.waited, 2),
        "pictures": found.pictures,
        "damaged": seen.damaged,
        "missing": found.missing,
        "uneven": round(found.uneven, 3),
        "stamps_backwards": found.backwards,
        "jitter": round(found.jitter, 3),
        "clock_offset": None if probed.clock is None else round(probed.clock, 2),
        "streams": [{"where": str(endpoint(each.url)), **_size(each.info)} for each in probed.siblings],
        "onvif": probed.onvif is not None,
        "verdicts": [_verdict(each) for each in probed.verdicts],
        "item": plain_value(stream_item(probed)),
    }
    return json.dumps(told, ensure_ascii=False, indent=2)


def _verdict(each: Verdict) -> dict[str, str]:
    return {"code": each.code, "weight": each.weight.value, "en": each.text.en, "zh": each.text.zh}


def _size(info: StreamInfo) -> dict[str, Any]:
    return {"codec": info.codec, "width": info.width, "height": info.height}


def _short(info: StreamInfo) -> str:
    return f"{info.codec} {info.width}x{info.height}"


def _codec(probed: Probed) -> str:
    grade = probed.found.grade
    return f"{probed.heard.info.codec} {grade.profile}@{grade.level}" if grade else probed.heard.info.codec


def _groups(probed: Probed) -> Text:
    found = probed.found
    if not found.gop:
        return Text(f"> {found.gop_seconds:.1f} s apart", f"间隔 > {found.gop_seconds:.1f} 秒")
    least, most = min(found.gop), max(found.gop)
    span = f"{most}" if least == most else f"{least}-{most}"
    return Text(
        f"every {span} pictures, at most {found.gop_seconds:.1f} s apart",
        f"每 {span} 帧一个，间隔最长 {found.gop_seconds:.1f} 秒",
    )


def _rate(probed: Probed) -> Text:
    found = probed.found
    measured = "-" if found.fps is None else f"{found.fps:.1f}"
    told = f"{found.announced:g}" if found.announced else "-"
    return Text(f"{measured} pictures/s, announced: {told}", f"{measured} 帧/秒，标称：{told}")


def _sound(info: StreamInfo) -> str:
    return "-" if info.sound is None else f"{info.sound.codec} {info.sound.rate} Hz"


def _pictures(count: int, damaged: int, missing: int) -> Text:
    return Text(f"{count}, {damaged} damaged, {missing} missing", f"{count}，损坏 {damaged}，缺失 {missing}")


_YES, _NO = Text("yes", "有"), Text("no", "无")
