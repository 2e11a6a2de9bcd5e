"""The YAML library's complaints in the words of a technician.

None of its own text is passed on: it quotes characters of the file, and those may be of a password.
"""

from ruamel.yaml.error import MarkedYAMLError

from streams.problem import Text

_SAID = {
    "cannot start any token": Text(
        "a value cannot begin with this character; put the value in single quotes",
        "值不能以此字符开头；请用单引号括起来",
    ),
    "mapping values are not allowed": Text(
        "a colon is not expected here; check the indentation, or quote a value that holds ': '",
        "此处不应有冒号；请检查缩进，含“: ”的值要加引号",
    ),
    "sequence entries are not allowed": Text(
        "a list item ('- ') is not expected here; begin it on a line of its own",
        "此处不应有列表项（“- ”）；请另起一行",
    ),
    "escape": Text(
        "a backslash inside double quotes begins an escape; use single quotes",
        "双引号中的反斜杠表示转义；请改用单引号",
    ),
    "unexpected end of stream": Text("a quote is opened and never closed", "引号没有闭合"),
    "',' or ']'": Text("a list in [ ] lacks a comma or is not closed", "[ ] 列表缺少逗号或没有闭合"),
    "',' or '}'": Text("a mapping in { } lacks a comma or is not closed", "{ } 映射缺少逗号或没有闭合"),
    "<block end>": Text(
        "does not line up with the lines above; check the indentation", "与上面的行没有对齐；请检查缩进"
    ),
    "could not find expected ':'": Text(
        "expected 'key: value' with a space after the colon", "应为“键: 值”，冒号后要有空格"
    ),
    "tag": Text(
        "an unknown tag; only !secret NAME is known, and a value that begins with ! needs quotes",
        "未知标签；只支持 !secret 名称，以 ! 开头的值要加引号",
    ),
    "<document start>": Text(
        "expected one mapping ('key: value' lines) here; check the space after each colon",
        "此处应为“键: 值”；请检查每个冒号后的空格",
    ),
}
_TAB = Text("is indented with a tab; use spaces", "用制表符缩进；请改用空格")
_OTHER = Text(
    "is not valid YAML; check quotes, colons and indentation", "不是有效的 YAML；请检查引号、冒号和缩进"
)


def explain(error: MarkedYAMLError, text: str, line: int, column: int) -> Text:
    """line, column: from 0, where the library stopped."""
    lines = text.split("\n")
    here = lines[line] if line < len(lines) else ""
    if "\t" in here[: len(here) - len(here.lstrip())] or here[column : column + 1] == "\t":
        return _TAB
    said = f"{error.context or ''} {error.problem or ''}"
    return next((words for hint, words in _SAID.items() if hint in said), _OTHER)
