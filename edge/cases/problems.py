"""Why a word about a case is refused, and what else can be wrong with cases."""

from streams.problem import Problem, ProblemError, Text

_NAMES = {
    "open": Text("open", "待接收"),
    "received": Text("received", "已接收"),
    "dispatched": Text("dispatched", "已派单"),
    "closed": Text("closed", "已办结"),
    "evaluated": Text("evaluated", "已评价"),
}
_KINDS = {
    "opened": Text("opened", "立案"),
    "received": Text("received", "接收"),
    "dispatched": Text("dispatched", "派单"),
    "escalated": Text("escalated", "升级"),
    "closed": Text("closed", "办结"),
    "evaluated": Text("evaluated", "评价"),
    "reopened": Text("reopened", "重开"),
    "refused": Text("refused", "拒绝"),
    "ended": Text("event over", "事件结束"),
}
_NEEDS = {
    "dispatched": Text("only a case that is not closed can be dispatched", "只有未办结的案件才能派单"),
    "closed": Text("only a case that is not closed yet can be closed", "只有未办结的案件才能办结"),
    "evaluated": Text("only a closed case can be evaluated, once", "只有已办结的案件才能评价，且仅一次"),
    "reopened": Text("only a closed or evaluated case can be reopened", "只有已办结或已评价的案件才能重开"),
}

TOO_MANY = Problem(
    "case.too_many_steps",
    Text("the case has had too many steps", "该案件的操作次数过多"),
    Text("let the next event open a new one", "请等待下一事件形成新案件"),
)
UNKNOWN = Problem(
    "case.unknown",
    Text("this box has no such case", "本网关没有该案件"),
    Text(
        "check the event_id in the topic and the site it was sent to; old cases are archived",
        "请检查主题中的 event_id 和站点；较早的案件已归档",
    ),
)
ID_USED = Problem(
    "case.id_used",
    Text("this id was used for other words before", "该 id 已用于其他内容"),
    Text("give every message an id of its own", "每条消息须使用不同的 id"),
)
TOO_OFTEN = Problem(
    "case.refused_too_often",
    Text("the case has refused too many words to answer another", "该案件被拒绝的操作过多，不再逐条答复"),
    Text("see sandwatch cases show for its state", "请用 sandwatch cases show 查看其状态"),
)
UNREADABLE = Problem(
    "case.malformed",
    Text("the request cannot be read", "请求无法识别"),
    Text("use sandwatch cases of the same version", "请使用同一版本的 sandwatch cases"),
)
NOBODY = Problem(
    "case.nobody",
    Text("no running gateway took the request", "没有运行中的网关处理该请求"),
    Text("start the daemon, then ask again; nothing was changed", "请启动守护进程后重试；未作任何更改"),
)


class CaseRefused(ProblemError):
    """Nothing was changed."""


def out_of_turn(kind: str, state: str) -> Problem:
    """kind: of the word; state: of the case."""
    name = _NAMES[state]
    return Problem(f"case.not_{kind}", Text(f"the case is {name.en}", f"案件{name.zh}"), _NEEDS[kind])


def no_case(event_id: str) -> CaseRefused:
    return CaseRefused(
        Problem(
            "case.unknown",
            Text(f"there is no case {event_id}", f"没有案件 {event_id}"),
            Text("see sandwatch cases --all", "请用 sandwatch cases --all 查看"),
        )
    )


def ambiguous(name: str) -> CaseRefused:
    return CaseRefused(
        Problem(
            "case.ambiguous",
            Text(f"more than one case ends in {name}", f"有多个案件以 {name} 结尾"),
            Text("give more of its id", "请输入更完整的编号"),
        )
    )


def kind_name(kind: str) -> Text:
    """Of a step."""
    return _KINDS[kind]


def state_name(state: str) -> Text:
    return _NAMES[state]
