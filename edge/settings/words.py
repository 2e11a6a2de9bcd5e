"""pydantic's errors in the language of the field, and never with a secret in them."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from edge.settings.finding import sayable
from streams.problem import Text

_QUOTED = re.compile(r"'([^']*)'")


def translate(kind: str, context: Mapping[str, Any], value: object) -> Text:
    """kind, context and value: `type`, `ctx` and `input` of one entry of ValidationError.errors().

    Only numbers of `value` are repeated, never its text. The words of a ValueError are taken over as they
    are: edge.settings.privacy cleans them.
    """
    if kind in ("value_error", "assertion_error"):
        return _own_words(context.get("error"))
    if kind in _CHOICE:
        return _choice(context, value)
    if kind in _LIMITS:
        en, zh = _LIMITS[kind]
        limit = next(iter(context.values()), 0)
        return Text(f"must be {en} {limit:g}{_is(value)[0]}", f"必须{zh} {limit:g}{_is(value)[1]}")
    if kind in ("too_short", "too_long", "string_too_short", "string_too_long"):
        return _length(kind, context)
    wanted = next((words for pattern, words in _WANTED if re.fullmatch(pattern, kind)), None)
    if wanted is None:
        return Text("is not allowed here", "此处不允许这样的值")
    has = _named(value)
    return Text(f"needs {wanted.en}, has {has.en}", f"须为{wanted.zh}，现为{has.zh}")


def unknown_key(key: str, known: Iterable[str]) -> Text:
    """The nearest known key, or all of them. A known one that is refused is a second name of one that is there."""
    keys = sorted(known)
    if key in keys:
        return Text(
            "says the same as another key here; keep one of them", "与此处另一个键含义相同；请只保留一个"
        )
    near = get_close_matches(key.lower(), keys, n=1)
    if near:
        return Text(f"is not a known key; did you mean '{near[0]}'?", f"未知的键；是否想写“{near[0]}”？")
    return Text(f"is not a known key; known: {', '.join(keys)}", f"未知的键；可用：{'、'.join(keys)}")


def unknown_name(name: str, known: Iterable[str], what: Text) -> Text:
    """A word that should be one of `known` and is not. what: 'zone' / '区域'."""
    names = sorted(each for each in known if sayable(each))
    near = get_close_matches(name, names, n=1)
    shown = sayable(name)
    en = f"there is no {what.en} '{shown}'" if shown else f"there is no such {what.en}"
    zh = f"没有{what.zh}“{shown}”" if shown else f"没有这样的{what.zh}"
    if near:
        return Text(f"{en}; did you mean '{near[0]}'?", f"{zh}；是否想写“{near[0]}”？")
    return Text(f"{en}; known: {', '.join(names) or 'none'}", f"{zh}；可用：{'、'.join(names) or '无'}")


MISSING = Text("is missing", "缺少此项")
QUOTE_IT = Text(
    "would be read as a number or a word of YAML and come out changed; put it in quotes",
    "会被 YAML 当作数字或特殊词而改变；请加引号",
)
BLANK = Text(
    "has no value, so it counts as not given; a value that begins with # needs quotes",
    "没有值，按未填写处理；以 # 开头的值要加引号",
)
NOT_BOOLEAN = Text("needs a number, has true or false", "须为数字，现为 true 或 false")


def _own_words(error: object) -> Text:
    """A validator may raise ValueError(Text(...)), or with plain English words."""
    said = error.args[0] if isinstance(error, Exception) and error.args else None
    if isinstance(said, Text):
        return said
    en = str(error) if isinstance(said, str) else "is not allowed here"
    return Text(en, next((zh for start, zh in _KNOWN_WORDS if en.startswith(start)), en))


def _choice(context: Mapping[str, Any], value: object) -> Text:
    names = _QUOTED.findall(str(context.get("expected", "")))
    near = get_close_matches(value, names, n=1) if isinstance(value, str) else []
    en, zh = f"needs one of {', '.join(names)}", f"须为其中之一：{'、'.join(names)}"
    return Text(f"{en}; did you mean '{near[0]}'?", f"{zh}；是否想写“{near[0]}”？") if near else Text(en, zh)


def _length(kind: str, context: Mapping[str, Any]) -> Text:
    least = kind.endswith("short")
    bound = context.get("min_length" if least else "max_length", "?")
    if kind.startswith("string"):
        return Text(
            f"needs at {'least' if least else 'most'} {bound} characters",
            f"须为{'至少' if least else '至多'} {bound} 个字符",
        )
    has = context.get("actual_length", "?")
    return Text(
        f"needs at {'least' if least else 'most'} {bound} of them, has {has}",
        f"{'至少' if least else '至多'}需要 {bound} 项，现有 {has} 项",
    )


def _is(value: object) -> tuple[str, str]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f", is {value:g}", f"，现为 {value:g}"
    return "", ""


def _named(value: object) -> Text:
    return next(
        (words for types, words in _NAMES if isinstance(value, types)), Text("something else", "其他")
    )


_NAMES: tuple[tuple[type | tuple[type, ...], Text], ...] = (
    (bool, Text("true or false", "真假值")),
    ((int, float), Text("a number", "数字")),
    (str, Text("text", "文字")),
    (list, Text("a list", "列表")),
    (dict, Text("a mapping of keys", "键值映射")),
    (type(None), Text("nothing", "空值")),
)
_CHOICE = ("literal_error", "enum")
_LIMITS = {
    "greater_than": ("greater than", "大于"),
    "greater_than_equal": ("at least", "不小于"),
    "less_than": ("less than", "小于"),
    "less_than_equal": ("at most", "不大于"),
    "multiple_of": ("a multiple of", "是其倍数："),
}
_WANTED = (
    (r"missing", Text("one more value", "更多的值")),
    (r"int_.*", Text("a whole number", "整数")),
    (r"(float|decimal)_.*|finite_number", Text("a number", "数字")),
    (r"bool_.*", Text("true or false", "true 或 false")),
    (r"(list|tuple|set|frozen_set|iterable)_type", Text("a list", "列表")),
    (
        r"(dict|mapping|model|model_attributes|dataclass)_type",
        Text("a mapping ('key: value' lines)", "映射（“键: 值”）"),
    ),
    (
        r"string_pattern_mismatch",
        Text("a name of letters, digits, - _ and .", "只含字母、数字、- _ . 的名称"),
    ),
    (r"string_.*|path_.*|bytes_.*", Text("text", "文字")),
    (
        r"(date|datetime|time|timezone)_.*",
        Text("a date and time such as 2026-05-01T08:00:00+08:00", "日期时间，例如 2026-05-01T08:00:00+08:00"),
    ),
    (r"time_delta_.*", Text("a duration such as 30s", "时长，例如 30s")),
    (r"url_.*", Text("a URL", "网址")),
    (r"none_required", Text("nothing", "空值")),
)
# What begins like another, longer entry stands behind it.
_KNOWN_WORDS = (
    ("needs an address", "须为以 rtsp:// 或 rtsps:// 开头的地址"),
    ("needs a host name or an address", "须为主机名或地址，例如 192.168.1.64"),
    ("needs a host", "地址缺少主机，例如 rtsp://192.168.1.64:554/path"),
    ("has a host or port", "主机或端口无法识别；密码中的 / ? # @ 请写成 %2F %3F %23 %40"),
    ("has a character out of place", "地址中有位置不当的字符；密码中的 / ? # @ 请写成 %2F %3F %23 %40"),
    ("must not hold blanks", "不能含有空格或换行"),
    ("needs a time such as", "须为时刻，例如 2026-05-01T08:00:00+08:00"),
    ("needs a zone after", "时刻后面需要时区，例如 2026-05-01T08:00:00+08:00"),
    ("needs a duration", "须为时长，例如 500ms、3s、10min、1h 或 2d"),
    ("needs a time of day", '须为一天中的时刻，例如 "19:00"（要加引号）或 sunset+30min'),
    ("needs hours", '须为时段，例如 "19:00-06:00"（要加引号）或 sunset-sunrise'),
    ("needs days", "须为星期，例如 mon、sat、daily、weekdays 或 weekend"),
    ("covers no time", '时段为空；全天请写 "00:00-24:00"'),
    ("needs a network such as", "须为网段，例如 192.168.1.0/24 或 fd00::/8"),
    ("has an address that is not written in full", "地址写法不完整；须写全，例如 192.168.1.64"),
    ("needs rtmp://", "须为 rtmp://0.0.0.0:1935/live 或 srt://0.0.0.0:9000"),
    ("takes no login", "不能含登录信息、? 或 #；推流密钥请写在 key 中"),
    ("needs one of this box's addresses", "须为网关本机的一个地址；0.0.0.0 表示全部"),
    ("needs at least 8 letters", "须为至少 8 个字母、数字或 . _ ~ -"),
    ("passphrase is for srt://", "passphrase 仅用于 srt://"),
    ("needs the port apart", "端口须单独填写，例如 port: 80"),
    ("patrol needs ptz", "patrol 需要 ptz: true"),
    ("needs exactly one of listen", "listen、connect、path 须且只能填写一个"),
    ("needs a time zone such as", "须为时区，例如 Asia/Shanghai"),
    ("needs host:port", "须为 主机:端口，例如 0.0.0.0:14550"),
)
