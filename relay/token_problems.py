"""Why a token lets nobody in, said to the person who can mend it. None of it tells anything of the token."""

from streams.problem import Problem, Text

_ANOTHER = Text("ask the command centre for a new one", "请向指挥中心索取新的令牌")


def missing() -> Problem:
    what = Text("this needs a token", "需要访问令牌")
    do = Text(
        "send it as Authorization: Bearer TOKEN; tokens are in the site file under access",
        "请以 Authorization: Bearer 令牌 的形式发送；令牌见站点文件 access 部分",
    )
    return Problem("token.missing", what, do)


def unknown() -> Problem:
    what = Text("nobody knows this token", "令牌无效")
    do = Text(
        "check for typing errors, and the site file under access",
        "请检查是否输错，并核对站点文件 access 部分",
    )
    return Problem("token.unknown", what, do)


def expired() -> Problem:
    return Problem(
        "token.expired", Text("this token's time is over, or not yet", "令牌不在有效期内"), _ANOTHER
    )


def used_up() -> Problem:
    return Problem("token.used", Text("this token was used before", "一次性令牌已被使用"), _ANOTHER)


def too_many() -> Problem:
    what = Text("too many one-time tokens were used within minutes", "几分钟内使用的一次性令牌过多")
    return Problem("token.too_many", what, Text("wait five minutes", "请等待五分钟"))


def not_in_url() -> Problem:
    what = Text("this token may not stand in an address", "该令牌不允许写在地址中")
    do = Text(
        "send it as Authorization: Bearer TOKEN, or set in_url: true for it",
        "请以 Authorization: Bearer 令牌 的形式发送，或为其设置 in_url: true",
    )
    return Problem("token.not_in_url", what, do)


def not_for_this() -> Problem:
    what = Text("this token is not for that", "该令牌无此权限")
    do = Text(
        "check may, groups, members and cameras of it in the site file under access",
        "请核对站点文件 access 部分中该令牌的 may、groups、members 和 cameras",
    )
    return Problem("token.scope", what, do)
