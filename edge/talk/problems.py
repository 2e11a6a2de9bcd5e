"""What can be refused to who wants to talk, beside what relay.talk_problems says of the floor."""

from streams.problem import Problem, Text

_NAMES = Text("check the names in the site file under talk", "请核对站点文件 talk 部分中的名称")
_PROGRAM = Text("check the program that connects", "请检查接入方的程序")


def no_camera(name: str) -> Problem:
    what = Text(f"there is no camera {name} to watch", f"没有可观看的摄像机 {name}")
    return Problem("talk.no_camera", what, Text("check the camera's name", "请核对摄像机名称"))


def not_a_name() -> Problem:
    what = Text(
        "a member's name has up to 64 letters, digits, - _ and .",
        "成员名称须为至多 64 个字母、汉字、数字、- _ .",
    )
    return Problem("talk.name", what, _PROGRAM)


def not_met(name: str) -> Problem:
    what = Text(
        f"{name} is in no talk group that both the caller and its token belong to",
        f"{name} 不在主叫及其令牌所属的任何对讲组中",
    )
    return Problem("talk.not_met", what, _NAMES)


def stale(age: float) -> Problem:
    """age: s since it was written; below 0: it comes from the future."""
    what = Text(
        f"the letter was written {age:.0f} s ago by its own clock; more than 15 s either way is too old",
        f"按发送方时钟，该消息写于 {age:.0f} 秒前；前后相差超过 15 秒视为过期",
    )
    do = Text("send it anew; check the clocks of both ends", "请重新发送；并核对双方时钟")
    return Problem("talk.stale", what, do)


def bad_letter(field: str) -> Problem:
    """field: of the letter; "": the whole of it."""
    named = Text(f"the letter's field {field} is missing or wrong", f"消息的字段 {field} 缺失或有误")
    what = named if field else Text("it is not the JSON of a letter", "消息不是规定的 JSON")
    return Problem("talk.letter", what, _PROGRAM)


def failed() -> Problem:
    what = Text("something went wrong inside", "内部错误")
    return Problem("talk.failed", what, Text("look into the gateway's log", "请查看网关日志"))


def cannot_reply() -> Problem:
    what = Text("the answer cannot be sent to that topic", "无法向该主题发送应答")
    do = Text(
        "take a topic of your own as response topic (MQTT 5) or reply_to, without wildcards",
        "请使用自己的主题作为 response topic（MQTT 5）或 reply_to，不含通配符",
    )
    return Problem("talk.reply_topic", what, do)
