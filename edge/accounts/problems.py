"""What can be wrong with an account, said without telling who has one."""

from streams.problem import Problem, ProblemError, Text


class AccountRefused(ProblemError):
    """status: as HTTP calls it. wait: s after which it may be tried again, where that helps."""

    def __init__(self, status: int, problem: Problem, wait: float | None = None) -> None:
        self.status, self.wait = status, wait
        super().__init__(problem)


_LOG_IN = Text("log in", "请登录")
_ADMIN = Text("ask an administrator of this box", "请联系本网关的管理员")


def nobody() -> AccountRefused:
    problem = Problem("account.login_needed", Text("you are not logged in", "尚未登录"), _LOG_IN)
    return AccountRefused(401, problem)


def wrong() -> AccountRefused:
    problem = Problem(
        "account.wrong",
        Text("the name or the password is not right", "用户名或密码不正确"),
        Text("try again, or ask an administrator for a new password", "请重试，或请管理员重设密码"),
    )
    return AccountRefused(401, problem)


def wrong_code() -> AccountRefused:
    problem = Problem(
        "account.wrong_code",
        Text("this is not the code of the first start, or it is too old", "首次启动代码不正确或已过期"),
        Text("run `sandwatch users code` on the box", "请在网关上运行 sandwatch users code"),
    )
    return AccountRefused(401, problem)


def too_often(wait: float) -> AccountRefused:
    problem = Problem(
        "account.too_often",
        Text("too many wrong tries", "错误尝试次数过多"),
        Text("wait a quarter of an hour", "请等待十五分钟后再试"),
    )
    return AccountRefused(429, problem, wait)


def busy() -> AccountRefused:
    problem = Problem(
        "account.busy",
        Text("too many people are logging in at this moment", "当前登录人数过多"),
        Text("try again in a few seconds", "请稍后重试"),
    )
    return AccountRefused(503, problem, 5.0)


def not_yours() -> AccountRefused:
    problem = Problem("account.forbidden", Text("your role does not allow this", "您的角色无此权限"), _ADMIN)
    return AccountRefused(403, problem)


def forged() -> AccountRefused:
    problem = Problem(
        "account.csrf",
        Text("the request did not come from this console's page", "请求并非来自本控制台页面"),
        Text("reload the page and try again", "请刷新页面后重试"),
    )
    return AccountRefused(403, problem)


def begun() -> AccountRefused:
    problem = Problem("account.begun", Text("this box has an administrator", "本网关已有管理员"), _LOG_IN)
    return AccountRefused(409, problem)


def known() -> AccountRefused:
    what = Text("there is one of that name", "该名称已存在")
    return AccountRefused(409, Problem("account.known", what, Text("choose another name", "请使用其他名称")))


def unknown() -> AccountRefused:
    what = Text("there is none of that name", "没有该名称")
    do = Text("see `sandwatch users list`", "请查看 sandwatch users list")
    return AccountRefused(404, Problem("account.unknown", what, do))


def last_admin() -> AccountRefused:
    problem = Problem(
        "account.last_admin",
        Text("this is the only administrator", "这是唯一的管理员"),
        Text("add another one first", "请先添加另一名管理员"),
    )
    return AccountRefused(409, problem)


def bad_name() -> AccountRefused:
    problem = Problem(
        "account.name",
        Text("a name has 1 to 64 letters, digits, dots, dashes", "名称须为 1 至 64 个字母、数字、点或连字符"),
        Text("choose another name", "请使用其他名称"),
    )
    return AccountRefused(422, problem)


def bad_password() -> AccountRefused:
    problem = Problem(
        "account.password",
        Text(
            "a password has 10 to 128 characters and is not the name",
            "密码须为 10 至 128 个字符且不同于用户名",
        ),
        Text("choose a longer one: three words do", "请使用更长的密码，例如三个词语"),
    )
    return AccountRefused(422, problem)


def bad_cameras() -> AccountRefused:
    problem = Problem(
        "account.cameras",
        Text("cameras are names of streams, or * for all", "摄像机须为视频流名称，或用 * 表示全部"),
        Text("name at least one", "请至少指定一个"),
    )
    return AccountRefused(422, problem)
