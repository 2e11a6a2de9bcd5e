"""Why a session is not opened or not changed, said to the person who can mend it."""

from typing import Literal

from streams.problem import Problem, Text

_PROGRAM = Text("check the program that connects", "请检查接入方的程序")
_AGAIN = Text("connect again", "请重新连接")
_WHERE = {
    "box": Text("this box", "本机"),
    "group": Text("this talk group", "该对讲组"),
    "token": Text("this token", "该令牌"),
}


def full(where: Literal["box", "group", "token"], limit: int) -> Problem:
    place = _WHERE[where]
    what = Text(
        f"{place.en} has {limit} connections at once, its limit", f"{place.zh}的同时连接数已达上限 {limit}"
    )
    do = Text("try again when somebody has left", "请等有人退出后再试")
    return Problem(f"session.full.{where}", what, do)


def no_answer() -> Problem:
    what = Text("the connection could not be prepared in time", "未能及时准备好连接")
    do = Text(
        "try again; if it stays so, check the servers under ice in the site file",
        "请重试；若仍如此，请检查站点文件 ice 部分的服务器",
    )
    return Problem("session.no_answer", what, do)


def stale() -> Problem:
    what = Text("If-Match names an ICE session that is over", "If-Match 指向的 ICE 会话已过时")
    return Problem("session.stale", what, _AGAIN)


def restart_unmarked() -> Problem:
    what = Text(
        "an ICE restart needs If-Match: *, and ice-ufrag and ice-pwd",
        "ICE 重启须带 If-Match: *，以及 ice-ufrag 和 ice-pwd",
    )
    return Problem("session.restart", what, _PROGRAM)
