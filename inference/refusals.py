"""Why a model or its runtime cannot be used, for the technician."""

from collections.abc import Iterable

from streams.problem import Problem, Text


def unfit(name: str, why: Text) -> Problem:
    return Problem(
        "model.layout",
        Text(f"model {name} does not fit its manifest: {why.en}", f"模型 {name} 与清单不符：{why.zh}"),
        Text("correct classes, input or decoder in the manifest", "请更正清单中的 classes、input 或 decoder"),
    )


def failed(name: str, runtime: str, error: Exception) -> Problem:
    first = _first_words(error)
    return Problem(
        "model.failed",
        Text(f"model {name}: {runtime} says: {first}", f"模型 {name}：{runtime} 报错：{first}"),
        Text(
            "check the model file, or choose another detector.model", "请检查模型文件，或更换 detector.model"
        ),
    )


def missing(runtime: str, extra: str) -> Problem:
    """A backend whose library is not installed."""
    return Problem(
        "detector.missing",
        Text(f"{runtime} is not installed here", f"本机未安装 {runtime}"),
        Text(
            f"install it with: pip install 'sandwatch[{extra}]', or choose another detector.kind",
            f"请安装：pip install 'sandwatch[{extra}]'，或更换 detector.kind",
        ),
    )


def other_size(name: str, sides: tuple[int | None, int | None], size: tuple[int, int]) -> Problem:
    has = "x".join("any" if side is None else str(side) for side in sides)
    words = f"{size[0]}x{size[1]}"
    return unfit(
        name,
        Text(f"its input is {has} px, the manifest says {words}", f"其输入为 {has} 像素，清单为 {words}"),
    )


def not_ours(name: str) -> Problem:
    why = Text("decoder: own is for kind: ultralytics", "decoder: own 仅用于 kind: ultralytics")
    return unfit(name, why)


def not_offered(runtime: str, device: str, there: Iterable[str]) -> Problem:
    names = ", ".join(there)
    return Problem(
        "detector.device",
        Text(
            f"{runtime} on this box offers {names}; {device} was asked for",
            f"本机的 {runtime} 支持 {names}，但配置要求 {device}",
        ),
        Text(
            f"install the build of {runtime} and the driver for {device}, or set detector.device: auto",
            f"请安装支持 {device} 的 {runtime} 及驱动，或设置 detector.device: auto",
        ),
    )


def not_started(runtime: str, device: str) -> Problem:
    return Problem(
        "detector.device",
        Text(f"{runtime} could not start {device}", f"{runtime} 无法启动 {device}"),
        Text(
            f"check the driver and its libraries (their versions must fit {runtime}'s), or set detector.device: cpu",
            f"请检查驱动及其库（版本须与 {runtime} 匹配），或设置 detector.device: cpu",
        ),
    )


def lost(name: str, device: str, error: Exception) -> Problem:
    first = _first_words(error)
    return Problem(
        "detector.device_lost",
        Text(
            f"model {name}: {device} failed ({first}); the CPU goes on, slower",
            f"模型 {name}：{device} 失效（{first}）；已改用 CPU，速度较慢",
        ),
        Text(
            "check the graphics card and its driver, then restart the service",
            "请检查显卡及其驱动，然后重启服务",
        ),
    )


def _first_words(error: Exception) -> str:
    """One line of it: OpenVINO begins with places in its own sources, which tell a technician nothing."""
    lines = (line.strip() for line in str(error).splitlines())
    told = (line for line in lines if line and not line.startswith(("Exception from", "Check '")))
    return next(told, type(error).__name__)[:200]


def no_precision(runtime: str, device: str, precision: str) -> Problem:
    return Problem(
        "detector.precision",
        Text(
            f"{runtime}: this box's {device} has no {precision}",
            f"{runtime}：本机 {device} 不支持 {precision}",
        ),
        Text("set detector.precision: auto", "请设置 detector.precision: auto"),
    )
