"""What can go wrong on the way of a model to the box, said to whoever sent for it."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from streams.problem import Problem, Text


def place(source: str) -> str:
    """host/path of a URL, without its login and query; a path as it is."""
    parts = urlsplit(source)
    return f"{parts.hostname}{parts.path}" if parts.hostname else source


def not_https(source: str) -> Problem:
    return Problem(
        "model.source",
        Text(f"{place(source)}: models come over https only", f"{place(source)}：模型只能通过 https 获取"),
        Text("give an https:// address, or a folder", "请使用 https:// 地址或本地目录"),
    )


def not_there(name: str, folder: str) -> Problem:
    return Problem(
        "model.missing",
        Text(f"there is no {name} in {folder}", f"{folder} 中没有 {name}"),
        Text("check the name of the model and the folder", "请检查模型名称和目录"),
    )


def another(wanted: str, found: str) -> Problem:
    return Problem(
        "model.name",
        Text(
            f"the manifest {wanted}.yaml is of a model named {found}",
            f"清单 {wanted}.yaml 描述的是名为 {found} 的模型",
        ),
        Text("ask for the model by its own name", "请使用该模型自己的名称"),
    )


def other_hash(name: str, found: str, wanted: str) -> Problem:
    return Problem(
        "model.hash",
        Text(
            f"model {name} has sha256 {found[:12]}… there, {wanted[:12]}… was asked for",
            f"该处模型 {name} 的 sha256 为 {found[:12]}…，要求的是 {wanted[:12]}…",
        ),
        Text("check the sha256 with whoever sent it", "请与发送方核对 sha256"),
    )


def no_answer(name: str, base: str, error: Exception) -> Problem:
    where, why = place(base), _reason(error)
    return Problem(
        "model.download",
        Text(f"{where} did not give {name}: {why.en}", f"{where} 未能提供 {name}：{why.zh}"),
        Text("check the address and the line, then pull again", "请检查地址和网络后重新获取"),
    )


def no_authority(path: Path | None, error: Exception) -> Problem:
    return Problem(
        "model.ca_file",
        Text(f"{path} is no file of certificates: {error}", f"{path} 不是有效的证书文件：{error}"),
        Text(
            "give the PEM file of the authority that signs the server", "请提供签发该服务器的 CA 的 PEM 文件"
        ),
    )


def too_large(name: str, limit: int) -> Problem:
    return Problem(
        "model.size",
        Text(f"{name} is larger than {limit >> 20} MiB", f"{name} 超过 {limit >> 20} MiB"),
        Text("check that this is the model", "请确认该文件确为模型"),
    )


def not_kept(folder: Path, error: OSError) -> Problem:
    return Problem(
        "model.disk",
        Text(f"cannot write to {folder}: {error.strerror}", f"无法写入 {folder}：{error.strerror}"),
        Text(
            "choose another folder with --into, or run it as root", "请用 --into 指定其他目录，或以 root 运行"
        ),
    )


def nowhere(name: str, tried: Sequence[Problem]) -> Problem:
    en = "; ".join(problem.what.en for problem in tried)
    zh = "；".join(problem.what.zh for problem in tried)
    do = tried[-1].do if tried else Text("name a source with --from", "请用 --from 指定来源")
    return Problem(
        "model.pull",
        Text(
            f"model {name} was not fetched: {en or 'no source'}", f"未能获取模型 {name}：{zh or '没有来源'}"
        ),
        do,
    )


def _reason(error: Exception) -> Text:
    """Without the URL, which may hold a login."""
    if isinstance(error, aiohttp.ClientResponseError):
        missing = error.status == 404
        return Text("it has no such file", "没有该文件") if missing else _said(error.status)
    return next(
        (text for kind, text in _REASONS if isinstance(error, kind)), Text("the line broke", "连接中断")
    )


def _said(status: int) -> Text:
    return Text(f"it answered {status}", f"返回 {status}")


# The narrow kinds first: each is also one of the wider kinds below it.
_REASONS: tuple[tuple[type[Exception], Text], ...] = (
    (
        aiohttp.ClientConnectorCertificateError,
        Text("nobody we trust signed its certificate", "其证书不受信任"),
    ),
    (aiohttp.ClientSSLError, Text("TLS failed", "TLS 握手失败")),
    (aiohttp.ClientConnectorDNSError, Text("its name is unknown", "无法解析主机名")),
    (aiohttp.ClientConnectorError, Text("no connection", "无法连接")),
    (aiohttp.InvalidURL, Text("this is no address", "地址无效")),
    (TimeoutError, Text("no answer in time", "超时无应答")),
)
