"""What the models cannot see field by field: names that must agree, and secrets in the open.

Works on the raw document, so that one bad field does not hide these from the person who mends the file.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from edge.settings.document import Document
from edge.settings.finding import DocumentPath, Level, sayable
from edge.settings.peek import mappings
from edge.settings.privacy import texts, url_password
from edge.settings.web import leaves_the_box
from edge.settings.words import unknown_name
from streams.problem import Text


def review(document: Document) -> None:
    """Adds its findings to the document."""
    streams = list(mappings(document.data, "streams", ()))
    _unique(document, [((*path, "name"), stream.get("name")) for path, stream in streams], _STREAM_TWICE)
    ports = [((*path, "listen"), _port(stream.get("listen"))) for path, stream in streams]
    _unique(document, ports, _PORT_TWICE, str)
    for path, stream in streams:
        _stream(document, path, stream)
    _broker(document)
    _web(document)
    _upload(document)
    _talk(document, streams)
    _rosters(document, streams)
    for path, text in texts(document.data, ()):
        _open_secret(document, path, text)


def _stream(document: Document, path: DocumentPath, stream: dict[str, Any]) -> None:
    zones, lines = (stream.get(key) or {} for key in ("zones", "lines"))
    rules = list(mappings(stream, "rules", path))
    if zones and not stream.get("rules"):
        document.add((*path, "zones"), _NO_RULES, Level.WARNING)
    _presets(document, path, stream)
    _land(document, path, stream)
    names = [((*where, "name"), rule.get("name", rule.get("kind"))) for where, rule in rules]
    _unique(document, names, _RULE_TWICE)
    if not isinstance(zones, dict) or not isinstance(lines, dict):
        return
    for where, rule in rules:
        for place, name in _zone_names(rule, where):
            if name not in zones:
                document.add(place, unknown_name(name, zones, _ZONE))
        line = rule.get("line")
        if isinstance(line, str) and line not in lines:
            document.add((*where, "line"), unknown_name(line, lines, _LINE))


def _land(document: Document, path: DocumentPath, stream: dict[str, Any]) -> None:
    """What is compared with a picture of itself has to stay where it is, and each view has points of its own."""
    if isinstance(stream.get("land"), dict):
        if stream.get("telemetry"):
            document.add((*path, "land"), _NOT_STILL)
        elif not stream.get("ground"):
            document.add((*path, "land"), _NO_METRES, Level.WARNING)
        elif _mapping(document.data, "site").get("position") is None:
            document.add((*path, "land"), _NO_PLACE, Level.WARNING)
    if stream.get("elevation") and not stream.get("ground"):
        document.add((*path, "elevation"), _NO_METRES, Level.WARNING)
    turns = _mapping(stream, "onvif").get("ptz") is True
    presets = _mapping(stream, "presets")
    for place, point in mappings(stream, "ground", path):
        preset = point.get("preset")
        if isinstance(preset, str) and preset not in presets:
            document.add((*place, "preset"), unknown_name(preset, presets, _PRESET))
        elif turns and preset is None:
            document.add(place, _WHICH_WAY)


def _presets(document: Document, path: DocumentPath, stream: dict[str, Any]) -> None:
    """Zones of a camera that can be turned belong to its presets; a camera that cannot has none."""
    onvif, presets, zones, lines = (_mapping(stream, key) for key in ("onvif", "presets", "zones", "lines"))
    watched = _mapping(_mapping(stream, "land"), "watch")
    turns = onvif.get("ptz") is True
    if presets and not turns:
        document.add((*path, "presets"), _NO_PTZ)
        return
    named = _mapping(onvif, "presets")
    for preset, held in presets.items():
        if named and preset not in named:
            document.add((*path, "presets", preset), unknown_name(str(preset), named, _PRESET))
        for index, zone in enumerate(held if isinstance(held, list) else ()):
            if isinstance(zone, str) and not any(zone in drawn for drawn in (zones, lines, watched)):
                document.add((*path, "presets", preset, index), unknown_name(zone, zones, _ZONE))
    placed = {zone for held in presets.values() if isinstance(held, list) for zone in held}
    places: tuple[tuple[DocumentPath, dict[str, Any]], ...] = (
        (("zones",), zones),
        (("lines",), lines),
        (("land", "watch"), watched),
    )
    for where, drawn in places if turns else ():
        for name in drawn:
            if name not in placed:
                document.add((*path, *where, name), _NO_PRESET)


def _mapping(parent: dict[str, Any], key: str) -> dict[str, Any]:
    """What stands there, if it is a mapping; what it is else, the models say."""
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _zone_names(rule: dict[str, Any], path: DocumentPath) -> Iterator[tuple[DocumentPath, str]]:
    """Rules name their zones under `zones`, or one under `zone`."""
    zone, zones = rule.get("zone"), rule.get("zones")
    if isinstance(zone, str):
        yield (*path, "zone"), zone
    for index, name in enumerate(zones if isinstance(zones, list) else ()):
        if isinstance(name, str):
            yield (*path, "zones", index), name


def _unique(
    document: Document,
    names: list[tuple[DocumentPath, Any]],
    say: Text,
    show: Callable[[str], str | None] = sayable,
) -> None:
    """show: a name as it may be printed."""
    seen: dict[str, DocumentPath] = {}
    for path, name in names:
        if not isinstance(name, str):
            continue
        first = seen.setdefault(name, path)
        if first is not path:
            line, shown = document.mark(first).line, show(name) or "?"
            words = Text(say.en.format(name=shown, line=line), say.zh.format(name=shown, line=line))
            document.add(path, words)


def _port(listen: object) -> str | None:
    """What one program only can listen on, such as rtmp:1935: RTMP is TCP, SRT is UDP. None: nothing that could clash.

    Nothing of it is the technician's own words, so it may be printed.
    """
    if not isinstance(listen, str):
        return None
    with contextlib.suppress(ValueError):  # the kind's own model says what is wrong with it
        parts = urlsplit(listen)
        if parts.scheme in _PORTS:
            return f"{parts.scheme}:{parts.port or _PORTS[parts.scheme]}"
    return None


_PORTS = {"rtmp": 1935, "srt": 9000}  # what streams.sources.push takes where none is given


def _broker(document: Document) -> None:
    broker = document.data.get("broker")
    if not isinstance(broker, dict):
        return
    url = broker.get("url")
    if broker.get("ca_file") and isinstance(url, str) and url.startswith("mqtt:"):
        document.add(("broker", "ca_file"), _NO_TLS, Level.WARNING)


def _talk(document: Document, streams: list[tuple[DocumentPath, dict[str, Any]]]) -> None:
    """Whom an event calls is somebody: a member of a talk group."""
    groups = list(mappings(_mapping(document.data, "talk"), "groups", ("talk",)))
    members = [member for path, group in groups for _, member in mappings(group, "members", path)]
    known = {name for member in members if isinstance(name := member.get("name"), str)}
    _heard_nowhere(document, groups)
    for path, stream in streams:
        named = _mapping(stream, "respond").get("members")
        for index, name in enumerate(named if isinstance(named, list) else ()):
            if isinstance(name, str) and name not in known:
                document.add((*path, "respond", "members", index), unknown_name(name, known, _MEMBER))


def _rosters(document: Document, streams: list[tuple[DocumentPath, dict[str, Any]]]) -> None:
    rosters = list(mappings(document.data, "rosters", ()))
    _unique(document, [((*path, "name"), roster.get("name")) for path, roster in rosters], _ROSTER_TWICE)
    known = {name for _, roster in rosters if isinstance(name := roster.get("name"), str)}
    for path, stream in streams:
        name = _mapping(stream, "respond").get("roster")
        if isinstance(name, str) and name not in known:
            document.add((*path, "respond", "roster"), unknown_name(name, known, _ROSTER))


def _heard_nowhere(document: Document, groups: list[tuple[DocumentPath, dict[str, Any]]]) -> None:
    for path, group in groups:
        for where, member in mappings(group, "members", path):
            if member.get("role") == "speaker" and not member.get("loudspeaker"):
                document.add((*where, "role"), _NO_LOUDSPEAKER, Level.WARNING)


def _web(document: Document) -> None:
    http, access = _mapping(document.data, "http"), _mapping(document.data, "access")
    tokens = list(mappings(access, "tokens", ("access",)))
    manned = _manned(document)
    if not tokens and "key" not in access and not manned and isinstance(document.data.get("talk"), dict):
        document.add(("talk",), _NOBODY, Level.WARNING)  # events and cases are for people with accounts
    for path in manned if "http" not in document.data else ():
        document.add(path, _NO_DOOR, Level.WARNING)
    _unique(document, [((*path, "name"), token.get("name")) for path, token in tokens], _TOKEN_TWICE)
    listen = http.get("listen")
    if isinstance(listen, str) and leaves_the_box(listen) and not http.get("tls"):
        document.add(("http", "listen"), _OPEN_HTTP, Level.WARNING)


def _manned(document: Document) -> list[DocumentPath]:
    """Where members of talk groups have accounts."""
    groups = mappings(_mapping(document.data, "talk"), "groups", ("talk",))
    members = (found for path, group in groups for found in mappings(group, "members", path))
    return [(*path, "accounts") for path, member in members if member.get("accounts")]


def _upload(document: Document) -> None:
    url = _mapping(document.data, "upload").get("url")
    if isinstance(url, str) and url.startswith("http://"):
        document.add(("upload", "url"), _OPEN_UPLOAD, Level.WARNING)


def _open_secret(document: Document, path: DocumentPath, text: str) -> None:
    if path in document.secrets or not text:
        return
    if path[-1] in ("password", "passphrase", "key", "token", "secret"):
        document.add(path, _PLAIN_SECRET, Level.WARNING)
    elif "://" in text and url_password(text):
        document.add(path, _URL_SECRET, Level.WARNING)


_NO_LOUDSPEAKER = Text(
    "is heard nowhere: give this member a loudspeaker: (the camera's RTSP address)",
    "没有发声设备：请为该成员填写 loudspeaker（摄像机的 RTSP 地址）",
)
_NOBODY = Text(
    "nobody can join: access: has neither tokens nor a key, and no member has accounts",
    "无人可以加入：access 中既没有 tokens 也没有 key，且没有成员填写 accounts",
)
_NO_DOOR = Text(
    "nobody can sign in: accounts are of the console, which needs http:",
    "无人可以登录：账号属于网页控制台，须配置 http",
)
_TOKEN_TWICE = Text(
    "two tokens are called '{name}' (first on line {line})", "两个令牌都叫“{name}”（首次在第 {line} 行）"
)
_OPEN_HTTP = Text(
    "tokens and calls cross the network unencrypted, and browsers give no microphone there: set http.tls",
    "令牌与通话以明文传输，且浏览器不会开放麦克风：请配置 http.tls",
)
_OPEN_UPLOAD = Text(
    "proof and token cross the network unencrypted: use https://", "证据与令牌以明文传输：请使用 https://"
)
_ZONE = Text("zone", "区域")
_LINE = Text("line", "线")
_PRESET = Text("preset", "预置位")
_MEMBER = Text("talk group member", "对讲组成员")
_ROSTER = Text("duty roster", "值班表")
_ROSTER_TWICE = Text(
    "two rosters are called '{name}' (first on line {line})", "两个值班表都叫“{name}”（首次在第 {line} 行）"
)
_NO_PTZ = Text(
    "needs onvif: with ptz: true; a camera that cannot be turned has no presets",
    "需要 onvif: 且 ptz: true；固定摄像机没有预置位",
)
_NO_PRESET = Text(
    "belongs to no preset, and this camera can be turned: name it under presets: {PRESET: [ZONE]}",
    "不属于任何预置位，而此摄像机可转动：请写在 presets: {预置位: [区域]} 下",
)
_NOT_STILL = Text(
    "needs a camera that stands in one place; one with telemetry moves about: see sandwatch survey",
    "需要固定摄像机；带 telemetry 的摄像机会移动：请用 sandwatch survey",
)
_NO_METRES = Text(
    "tells no area and no place without ground: points of this camera",
    "未填写本摄像机的 ground 标定点：不上报面积和位置",
)
_NO_PLACE = Text(
    "tells no place on the map without site.position",
    "未填写 site.position：不上报地图位置",
)
_WHICH_WAY = Text(
    "needs preset: this camera can be turned, and the point was measured in one of its views",
    "需要 preset：此摄像机可转动，标定点须注明所在预置位",
)
_STREAM_TWICE = Text(
    "two streams are called '{name}' (first on line {line})", "两路视频都叫“{name}”（首次在第 {line} 行）"
)
_PORT_TWICE = Text(
    "two streams listen on {name} (first on line {line}); every stream needs a port of its own",
    "两路视频监听同一端口 {name}（首次在第 {line} 行）；每路须使用不同端口",
)
_RULE_TWICE = Text(
    "two rules of this stream are called '{name}' (first on line {line}); give each a name: of its own",
    "本路视频有两条规则都叫“{name}”（首次在第 {line} 行）；请用 name: 分别命名",
)
_NO_RULES = Text("has zones and no rules: nothing watches them", "有区域但没有规则：没有任何规则使用它们")
_NO_TLS = Text(
    "is not used: an mqtt:// broker is not encrypted; use mqtts://", "不会使用：mqtt:// 不加密；请用 mqtts://"
)
_PLAIN_SECRET = Text(
    "is written in the open; better keep it in a secret and write !secret NAME",
    "明文写在文件中；建议存为密钥并写成 !secret 名称",
)
_URL_SECRET = Text(
    "holds a password; better give it apart, as password: !secret NAME",
    "URL 中含有密码；建议另写为 password: !secret 名称",
)
