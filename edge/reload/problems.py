"""What is said of a site file that is not taken."""

from edge.settings.finding import Level, SettingsError
from streams.problem import Problem, Text


def invalid(error: SettingsError) -> Problem:
    """Names the first error; `sandwatch check` names all."""
    errors = [finding for finding in error.findings if finding.level is Level.ERROR]
    first, more = errors[0], len(errors) - 1
    place = f"{first.file}:{first.mark.line}"
    path = f"{first.path}: " if first.path else ""
    also = Text(f" (and {more} more)", f"（另有 {more} 处）") if more else Text("", "")
    return Problem(
        "config.invalid",
        Text(
            f"the changed site file has an error, the one before it goes on: {place}: {path}{first.message.en}{also.en}",
            f"更改后的站点文件有错误，原配置继续运行：{place}：{path}{first.message.zh}{also.zh}",
        ),
        Text(
            "correct it and save; sandwatch check FILE names every error",
            "请更正并保存；sandwatch check 文件 会列出所有错误",
        ),
    )


def does_not_run(error: Exception) -> Problem:
    why = type(error).__name__
    return Problem(
        "config.does_not_run",
        Text(
            f"the gateway did not run with the changed site file ({why}), the one before it goes on",
            f"网关无法以更改后的站点文件运行（{why}），原配置继续运行",
        ),
        Text("see the gateway's log, correct the file and save it", "请查看网关日志，更正文件并保存"),
    )


def storage_moved() -> Problem:
    return Problem(
        "config.storage",
        Text("storage.path cannot be changed while the gateway runs", "网关运行时不能更改 storage.path"),
        Text(
            "events that wait there would be left behind: change it on the box, then systemctl restart sandwatch",
            "待发事件会遗留在原处：请在网关上更改，然后 systemctl restart sandwatch",
        ),
    )
