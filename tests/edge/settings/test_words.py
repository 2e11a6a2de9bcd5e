"""Whatever a field refuses is said in English and in Chinese, and shows nothing that is private."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.check import report
from edge.settings.words import translate
from tests.edge.settings.documents import GOOD

CAMERA = "kind: rtsp\n    url: rtsp://192.0.2.1/live"
PUSH = "kind: push\n    key: stream-key-7319\n    listen: "
NMEA = "telemetry: {kind: nmea, "
# what stands in the stream, and the beginning of what is said of it
MISTAKES: list[tuple[str, str, str]] = [
    ("url: http://192.0.2.1", "needs an address that begins with rtsp://", "须为以 rtsp://"),
    ("url: rtsp://192.0.2.1/live#x", "has a character out of place", "地址中有位置不当的字符"),
    ("url: rtsp:///live", "needs a host, as in rtsp://", "地址缺少主机"),
    ("url: rtsp://192.0.2.1:port/live", "has a host or port that cannot be read", "主机或端口无法识别"),
    ('url: "rtsp://192.0.2.1/a b"', "must not hold blanks or line breaks", "不能含有空格或换行"),
    ("url: rtsp://127.1/live", "has an address that is not written in full", "地址写法不完整"),
    (f"{CAMERA}\n    allow_networks: [camera.example]", "needs a network such as", "须为网段"),
    (f"{CAMERA}\n    read_timeout: soon", "needs a duration such as", "须为时长"),
    (
        f"{CAMERA}\n    onvif: {{host: 'http://192.0.2.1'}}",
        "needs a host name or an address",
        "须为主机名或地址",
    ),
    (f"{CAMERA}\n    onvif: {{host: '192.0.2.1:80'}}", "needs the port apart", "端口须单独填写"),
    (
        f"{CAMERA}\n    onvif: {{host: a, patrol: [{{preset: east, dwell: 5s}}]}}",
        "patrol needs ptz: true",
        "patrol 需要 ptz: true",
    ),
    (
        f"{CAMERA}\n    presets: {{east: [pit]}}\n    onvif: {{host: a, ptz: true, presets: {{east: '1'}}, "
        "patrol: [{preset: west, dwell: 5s}]}",
        "patrol names presets that are not in presets: west",
        "patrol 中的预置位不在 presets 中：west",
    ),
    (f"{PUSH}http://0.0.0.0:80", "needs rtmp://0.0.0.0:1935/live or srt://", "须为 rtmp://0.0.0.0:1935/live"),
    (f"{PUSH}rtmp://0.0.0.0:port/live", "needs rtmp://0.0.0.0:1935/live", "须为 rtmp://0.0.0.0:1935/live"),
    (f"{PUSH}srt://0.0.0.0:0", "needs rtmp://0.0.0.0:1935/live", "须为 rtmp://0.0.0.0:1935/live"),
    (f"{PUSH}srt://0.0.0.0:9000?streamid=a", "takes no login, ? or #", "不能含登录信息、? 或 #"),
    (f"{PUSH}srt://drone.example:9000", "needs one of this box's addresses", "须为网关本机的一个地址"),
    (f"{PUSH}srt://127.1:9000", "has an address that is not written in full", "地址写法不完整"),
    ("kind: push\n    listen: srt://0.0.0.0\n    key: abc", "needs at least 8 letters", "须为至少 8 个字母"),
    (
        f"{PUSH}rtmp://0.0.0.0/live\n    passphrase: stream-phrase-7319",
        "passphrase is for srt:// only",
        "passphrase 仅用于 srt://",
    ),
    (
        f"{CAMERA}\n    {NMEA}connect: a:1, path: b}}",
        "needs exactly one of listen",
        "listen、connect、path 须",
    ),
    (f"{CAMERA}\n    {NMEA}listen: '14550'}}", "needs host:port", "须为 主机:端口"),
    (f"{CAMERA}\n    telemetry: {{kind: dji_srt, zone: Mars}}", "needs a time zone such as", "须为时区"),
    ("kind: file\n    path: /x.mp4\n    start: noon", "needs a time such as", "须为时刻"),
    (
        "kind: file\n    path: /x.mp4\n    start: '2026-05-01T08:00:00'",
        "needs a zone after",
        "时刻后面需要时区",
    ),
    (
        f"{CAMERA}\n    analyse: rtsp://192.0.2.1/sub",
        "says the same as another key here",
        "与此处另一个键含义相同",
    ),
]
SCHEDULES: list[tuple[str, str, str]] = [
    ("[{from: 19, to: '06:00'}]", "needs a time of day in quotes", "须为一天中的时刻"),
    ("[{from: '25:00', to: '06:00'}]", "needs a time of day from", "须为一天中的时刻"),
    ("[{days: moon, from: '19:00', to: '06:00'}]", "needs days such as", "须为星期"),
    ("[19]", "needs hours in quotes", "须为时段"),
    ("night", "needs hours such as", "须为时段"),
    ("['08:00-08:00']", "covers no time", "时段为空"),
]


def said(folder: Path, text: str) -> tuple[str, str]:
    """The one error of this file, in both languages, without its place."""
    file = folder / "site.yaml"
    file.write_text(text)
    (en,) = [line for line in report(file, "en", {})[0] if ": error: " in line]
    (zh,) = [line for line in report(file, "zh", {})[0] if ": 错误：" in line]
    assert "7319" not in en + zh
    return en.split(": ", 3)[-1], re.split("：", zh, maxsplit=2)[-1]


@pytest.mark.parametrize(("stream", "en", "zh"), MISTAKES, ids=[en for _, en, _ in MISTAKES])
def test_a_stream_that_is_refused(tmp_path: Path, stream: str, en: str, zh: str) -> None:
    text = GOOD.replace("url: rtsp://192.0.2.1/live", stream)
    english, chinese = said(tmp_path, text)
    assert (english[: len(en)], chinese[: len(zh)]) == (en, zh)


@pytest.mark.parametrize(("schedule", "en", "zh"), SCHEDULES, ids=[en for _, en, _ in SCHEDULES])
def test_a_schedule_that_is_refused(tmp_path: Path, schedule: str, en: str, zh: str) -> None:
    english, chinese = said(tmp_path, GOOD.replace("zones: [pit]", f"schedule: {schedule}"))
    assert (english[: len(en)], chinese[: len(zh)]) == (en, zh)


PROJECT = Path(__file__).parents[3]
# Files of a site file's plug-ins that raise ValueError in validators only; edge's own say both languages themselves.
VALIDATORS = [
    "streams/networks.py",
    "streams/onvif/spec.py",
    "streams/sources/*.py",
    "streams/telemetry/feeds.py",
    "streams/telemetry/kinds/*.py",
    "streams/units.py",
    "streams/urls.py",
]


def refusals() -> Iterator[str]:
    """The English text, up to its first variable part, of each ValueError that these raise."""
    for file in (file for pattern in VALIDATORS for file in sorted(PROJECT.glob(pattern))):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Raise(
                    exc=ast.Call(func=ast.Name(id="ValueError"), args=[ast.Constant(value=str(text))])
                ):
                    yield text
                case ast.Raise(
                    exc=ast.Call(
                        func=ast.Name(id="ValueError"),
                        args=[ast.JoinedStr(values=[ast.Constant(value=str(text)), *_])],
                    )
                ):
                    yield text


@pytest.mark.parametrize("text", sorted(set(refusals())))
def test_no_validator_speaks_english_only(text: str) -> None:
    words = translate("value_error", {"error": ValueError(text)}, None)
    assert words.en == text
    assert words.zh != text
