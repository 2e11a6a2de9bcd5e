"""What an audit finds, in both languages."""

from dataclasses import dataclass
from enum import StrEnum

from streams.problem import Language, Text


class Fault(StrEnum):
    """changed: not what was entered. missing: not there. inserted: nobody entered it. reordered: at another's place.
    foreign: signed by another key. stamp: a time-stamp that does not hold. container: the zip itself."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    FOREIGN = "foreign"
    STAMP = "stamp"
    CONTAINER = "container"


_NAMES = {
    Fault.CHANGED: Text("CHANGED", "被改动"),
    Fault.MISSING: Text("MISSING", "缺失"),
    Fault.INSERTED: Text("INSERTED", "插入"),
    Fault.REORDERED: Text("REORDERED", "顺序改变"),
    Fault.FOREIGN: Text("FOREIGN KEY", "非本机密钥"),
    Fault.STAMP: Text("TIME-STAMP", "时间戳"),
    Fault.CONTAINER: Text("CONTAINER", "压缩包"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """what: the thing by its name: "entry 12", "items/gate/x.jpg". Names come from what is checked: they are escaped
    before they are shown."""

    fault: Fault
    what: str
    detail: Text

    def say(self, language: Language) -> str:
        mark = "：" if language == "zh" else ": "
        return (
            f"{_NAMES[self.fault].say(language)}  {shown(self.what)}{mark}{shown(self.detail.say(language))}"
        )


def shown(text: str) -> str:
    """Without anything that moves a cursor or hides a letter."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def entry_name(n: int) -> str:
    return f"entry {n}"
