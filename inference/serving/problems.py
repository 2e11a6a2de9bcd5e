"""What can be wrong with an inference server, for the technician."""

from streams.problem import Problem, Text


def silent(where: str, why: str) -> Problem:
    return Problem(
        "detector.server_away",
        Text(f"inference server {where} does not answer ({why})", f"推理服务器 {where} 无响应（{why}）"),
        Text("check that server and the network to it", "请检查该服务器及其网络"),
    )


def loading(where: str, model: str) -> Problem:
    return Problem(
        "detector.server_loading",
        Text(
            f"inference server {where}: model {model} is not ready",
            f"推理服务器 {where}：模型 {model} 尚未就绪",
        ),
        Text(
            "wait, or look into the server's log why it does not load",
            "请稍候，或查看服务器日志了解未加载的原因",
        ),
    )


def denied(where: str, *, had_token: bool) -> Problem:
    en = "refuses our token" if had_token else "wants a token"
    zh = "拒绝了本机的令牌" if had_token else "要求提供令牌"
    return Problem(
        "detector.server_denied",
        Text(f"inference server {where} {en}", f"推理服务器 {where} {zh}"),
        Text("correct detector.token", "请更正 detector.token"),
    )


def untrusted(where: str, why: str) -> Problem:
    return Problem(
        "detector.server_untrusted",
        Text(
            f"inference server {where}: its certificate cannot be trusted ({why})",
            f"推理服务器 {where}：证书不可信（{why}）",
        ),
        Text(
            "set detector.ca_file to the certificate of the authority that signed it, and use the name it is made for",
            "请将 detector.ca_file 设为签发机构的证书，并使用证书中的主机名",
        ),
    )


def no_authority(path: str, why: str) -> Problem:
    return Problem(
        "detector.ca_file",
        Text(f"detector.ca_file {path}: {why}", f"detector.ca_file {path}：{why}"),
        Text("name a readable PEM file", "请指定可读的 PEM 文件"),
    )


def unknown(where: str, model: str, version: str) -> Problem:
    named = f"{model} {version}".rstrip()
    return Problem(
        "detector.server_model",
        Text(f"inference server {where} knows no model {named}", f"推理服务器 {where} 上没有模型 {named}"),
        Text(
            "correct detector.name and detector.version, or load the model on the server",
            "请更正 detector.name 和 detector.version，或在服务器上加载该模型",
        ),
    )


def refused(where: str, why: str) -> Problem:
    return Problem(
        "detector.server_failed",
        Text(f"inference server {where} says: {why[:200]}", f"推理服务器 {where} 报错：{why[:200]}"),
        Text("look into the server's log", "请查看服务器日志"),
    )


def nonsense(where: str, why: str) -> Problem:
    return Problem(
        "detector.server_answer",
        Text(
            f"inference server {where} answers nonsense: {why[:200]}",
            f"推理服务器 {where} 应答有误：{why[:200]}",
        ),
        Text(
            "check that detector.url is a server of the Open Inference Protocol v2",
            "请确认 detector.url 指向 Open Inference Protocol v2 服务器",
        ),
    )


def unlike(model: str, why: Text) -> Problem:
    """A model on the server that is not the one in the manifest."""
    return Problem(
        "model.layout",
        Text(
            f"model {model} on the server does not fit: {why.en}", f"服务器上的模型 {model} 不匹配：{why.zh}"
        ),
        Text(
            "correct the manifest, or load the model it speaks of on the server",
            "请更正清单，或在服务器上加载清单所述的模型",
        ),
    )


def blind(cause: Problem) -> Problem:
    """Nobody takes over."""
    return _with(
        cause, "no detection until it is back; cameras are recorded all the same", "恢复前不检测，录像照常"
    )


def stood_in(cause: Problem, model: str) -> Problem:
    return _with(cause, f"the CPU goes on with {model}, slower", f"已改由本机 CPU 运行 {model}，速度较慢")


def no_stand_in(model: str, why: Text) -> Problem:
    return Problem(
        "detector.fallback",
        Text(
            f"model {model} cannot stand in for the server's: {why.en}",
            f"模型 {model} 无法替代服务器模型：{why.zh}",
        ),
        Text("choose another detector.fallback", "请更换 detector.fallback"),
    )


def _with(cause: Problem, en: str, zh: str) -> Problem:
    return Problem(cause.code, Text(f"{cause.what.en}; {en}", f"{cause.what.zh}；{zh}"), cause.do)
