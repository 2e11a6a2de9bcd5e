"""What can be refused in talk-back, said to the person who can mend it."""

from streams.problem import Problem, Text

_PROGRAM = Text("update the program of this device, or ask its maker", "请更新该设备的程序，或联系设备厂家")
_NAMES = Text("check the names in the site file under talk", "请核对站点文件 talk 部分中的名称")
_LATER = Text("try again when somebody has left", "请等有人退出后再试")


def too_large(limit: int) -> Problem:
    what = Text(f"the message is longer than {limit} bytes", f"消息超过 {limit} 字节")
    return Problem("talk.too_large", what, _PROGRAM)


def not_json() -> Problem:
    return Problem("talk.not_json", Text("the message is not JSON", "消息不是 JSON"), _PROGRAM)


def unknown_type() -> Problem:
    what = Text("the message's type is missing or unknown", "消息的 type 缺失或未知")
    return Problem("talk.unknown_type", what, _PROGRAM)


def other_version(ours: int) -> Problem:
    what = Text(f"the message is not of version {ours}", f"消息版本不是 {ours}")
    return Problem("talk.version", what, _PROGRAM)


def bad_message(field: str) -> Problem:
    """field: of the message; "": the whole of it."""
    what = (
        Text(f"the message's field {field} is missing or wrong", f"消息的 {field} 字段缺失或有误")
        if field
        else Text("the message is not an object with a type", "消息不是带 type 的对象")
    )
    return Problem("talk.bad_message", what, _PROGRAM)


def too_fast() -> Problem:
    what = Text("too many messages in a short time", "短时间内消息过多")
    do = Text(
        "wait a second; if nobody pressed anything, check the talk button", "请稍候；若无人操作，请检查通话键"
    )
    return Problem("talk.too_fast", what, do)


def not_allowed() -> Problem:
    what = Text(
        "this needs an operator of the same or a higher priority", "此操作须由同级或更高优先级的值班员进行"
    )
    return Problem("talk.not_allowed", what, Text("ask the command centre", "请联系指挥中心"))


def no_group(group: str) -> Problem:
    what = Text(f"there is no talk group or call {group}", f"没有名为 {group} 的对讲组或呼叫")
    do = Text(
        "a call may be over; else check the names in the site file under talk",
        "呼叫可能已结束；否则请核对站点文件 talk 部分中的名称",
    )
    return Problem("talk.no_group", what, do)


def no_member(group: str, member: str) -> Problem:
    what = Text(f"{member} is no member of talk group {group}", f"{member} 不是对讲组 {group} 的成员")
    return Problem("talk.no_member", what, _NAMES)


def nobody_known(call: str) -> Problem:
    what = Text(f"call {call} has fewer than two members we know", f"呼叫 {call} 中已知成员不足两名")
    return Problem("talk.nobody_known", what, _NAMES)


def group_full(group: str, seats: int) -> Problem:
    what = Text(
        f"talk group {group} has {seats} members connected, its limit",
        f"对讲组 {group} 已有 {seats} 名成员在线，达到上限",
    )
    return Problem("talk.group_full", what, _LATER)


def session_taken(group: str) -> Problem:
    what = Text(
        f"that session of talk group {group} belongs to another member",
        f"对讲组 {group} 的该会话属于其他成员",
    )
    return Problem("talk.session_taken", what, Text("connect anew", "请重新连接"))


def too_many_calls(limit: int) -> Problem:
    what = Text(f"{limit} calls are open, the limit of this box", f"已有 {limit} 个呼叫，达到本机上限")
    return Problem("talk.too_many_calls", what, Text("end one of them", "请先结束其中一个"))


def name_taken(call: str) -> Problem:
    what = Text(f"there is already a talk group or call {call}", f"已有名为 {call} 的对讲组或呼叫")
    return Problem("talk.name_taken", what, Text("call again", "请重新呼叫"))
