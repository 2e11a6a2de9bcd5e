"""What can be wrong with a file of parcels, said to whoever delivers it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from streams.problem import Misconfigured, Problem, Text

_NAMED = 5  # features that a refusal names one by one; the rest are in `findings`


class Flaw(StrEnum):
    """Of one feature. Each makes it unfit, except for `RING_ORDER` and `ENCODING`, which are only told."""

    EMPTY = "empty"
    NOT_AN_AREA = "not_an_area"
    NOT_A_NUMBER = "not_a_number"
    TOO_FEW = "too_few"
    UNCLOSED = "unclosed"
    RING_ORDER = "ring_order"
    HOLE_ALONE = "hole_alone"
    CROSSING = "crossing"
    NO_KEY = "no_key"
    SAME_KEY = "same_key"
    SWAPPED = "swapped"
    UNITS = "units"
    ZONE = "zone"
    NOWHERE = "nowhere"
    FAR = "far"
    ENCODING = "encoding"

    @property
    def only_told(self) -> bool:
        return self in {Flaw.RING_ORDER, Flaw.ENCODING}

    @property
    def do(self) -> Text:
        return _MEND[self]


@dataclass(frozen=True, slots=True)
class ParcelFinding:
    """number: the feature's in the file, from 1; 0: the file itself. key: its id, where it has one."""

    flaw: Flaw
    number: int
    key: str | None
    detail: Text

    @property
    def what(self) -> Text:
        """'feature 12 (id 3702): crosses itself at 116.31245, 39.90021'."""
        if self.number == 0:
            return self.detail
        known = self.key is not None
        return Text(
            f"feature {self.number}{f' (id {self.key})' if known else ''}: {self.detail.en}",
            f"第{self.number}个要素{f'（编号 {self.key}）' if known else ''}：{self.detail.zh}",
        )


class ParcelsRefused(Misconfigured):
    """The file cannot be used. `problem` says why; `findings` names every bad feature, where features are bad."""

    def __init__(self, problem: Problem, findings: Sequence[ParcelFinding] = ()) -> None:
        super().__init__(problem)
        self.findings = tuple(findings)


def refused(code: str, file: Path, what: Text, do: Text) -> ParcelsRefused:
    """One trouble with the whole file."""
    return of_file(file, Problem(f"parcels.{code}", what, do))


def of_file(file: Path, problem: Problem) -> ParcelsRefused:
    """The same, said of this file."""
    what = Text(f"{file.name}: {problem.what.en}", f"{file.name}：{problem.what.zh}")
    return ParcelsRefused(Problem(problem.code, what, problem.do))


def bad_features(file: Path, total: int, findings: Sequence[ParcelFinding]) -> ParcelsRefused:
    """total: features in the file. findings: of the bad ones, at least one."""
    features = len({each.number for each in findings})
    flaw, _ = Counter(each.flaw for each in findings).most_common(1)[0]
    first, more = findings[:_NAMED], len(findings) > _NAMED
    problem = Problem(
        f"parcels.{flaw}",
        Text(
            f"{file.name}: {features} of {total} features cannot be used: "
            f"{'; '.join(each.what.en for each in first)}{'; ...' if more else ''}",
            f"{file.name}：{total} 个要素中有 {features} 个不可用："
            f"{'；'.join(each.what.zh for each in first)}{'；……' if more else ''}",
        ),
        Text(
            f"{flaw.do.en}; or leave such features out with `bad: skip`",
            f"{flaw.do.zh}；或用 bad: skip 跳过这些要素",
        ),
    )
    return ParcelsRefused(problem, findings)


_GIS = Text("mend it in the GIS it came from", "请在原 GIS 软件中修正")
_DECLARE = Text("check the declared reference system", "请检查声明的坐标系")
_MEND = {
    Flaw.EMPTY: _GIS,
    Flaw.NOT_AN_AREA: Text("export polygons only", "请只导出面要素"),
    Flaw.NOT_A_NUMBER: _GIS,
    Flaw.TOO_FEW: _GIS,
    Flaw.UNCLOSED: Text("repeat the first corner as the last", "请使首尾坐标相同"),
    Flaw.RING_ORDER: Text("nothing: it is read as what it means", "无需处理：按其含义读取"),
    Flaw.HOLE_ALONE: _GIS,
    Flaw.CROSSING: _GIS,
    Flaw.NO_KEY: Text("fill in the attribute, or choose another `id`", "请补全该属性，或换用其他 id"),
    Flaw.SAME_KEY: Text(
        "give every parcel its own id, or choose another `id`", "请保证编号唯一，或换用其他 id"
    ),
    Flaw.SWAPPED: Text("put longitude (east) before latitude (north)", "请将经度（东）写在纬度（北）之前"),
    Flaw.UNITS: _DECLARE,
    Flaw.ZONE: _DECLARE,
    Flaw.NOWHERE: _DECLARE,
    Flaw.FAR: Text(
        "check the declared reference system, the site's position, and that it is the right county's file",
        "请检查声明的坐标系、站点位置，以及文件是否属于本县",
    ),
    Flaw.ENCODING: Text(
        "put the name of the encoding into a .cpg file beside it", "请在同名 .cpg 文件中写明编码"
    ),
}
