"""What can keep a file from the server, told apart and said in words."""

from streams.problem import Problem, ProblemError, Text

_SETTING = Text("check upload: in the site file", "请核对站点文件的 upload 部分")
_ITSELF = Text("nothing to do: it is tried again by itself", "无需处理：程序会自动重试")


class UploadLost(ProblemError):
    """The way or the server is down: later it may go."""


class UploadRefused(ProblemError):
    """The server as a whole refuses, or somebody asked for what cannot be: a person has to mend it."""


class FileRefused(ProblemError):
    """This one file cannot be uploaded; others can."""


class ResourceGone(Exception):
    """The server knows nothing of an upload that was begun: it is begun anew."""


class Displaced(Exception):
    """The server is not where we thought it was in the file, or got a damaged piece: ask it, and go on from there."""


def unreachable(place: str, why: str) -> Problem:
    """why: the kind of trouble, never a text of another library."""
    return Problem(
        "upload.unreachable",
        Text(f"the upload server {place} cannot be reached ({why})", f"无法连通上传服务器 {place}（{why}）"),
        Text("check the network; files wait here until then", "请检查网络；在此之前文件保存在本机"),
    )


def unavailable(place: str, status: int) -> Problem:
    return Problem(
        "upload.unavailable",
        Text(
            f"the upload server {place} cannot take files now (HTTP {status})",
            f"上传服务器 {place} 暂时无法接收文件（HTTP {status}）",
        ),
        _ITSELF,
    )


def forbidden(place: str, why: Text) -> Problem:
    return Problem(
        "upload.forbidden",
        Text(f"the upload server {place} is at {why.en}", f"上传服务器 {place} 位于 {why.zh}"),
        Text(
            "check upload.url and the name server; a server on this box is written as 127.0.0.1",
            "请核对 upload.url 和域名解析；本机上的服务器请写 127.0.0.1",
        ),
    )


def certificate(place: str) -> Problem:
    return Problem(
        "upload.certificate",
        Text(
            f"the certificate of the upload server {place} is not trusted",
            f"上传服务器 {place} 的证书不受信任",
        ),
        Text(
            "set upload.ca_file to its authority, and check the host name and the box's clock",
            "请设置 upload.ca_file，并检查主机名和本机时间",
        ),
    )


def ca_file(path: str) -> Problem:
    return Problem(
        "upload.ca_file",
        Text(f"the CA file {path} cannot be read", f"无法读取 CA 证书文件 {path}"),
        Text("put the certificate of the server's authority there, as PEM", "请放入 PEM 格式的 CA 证书"),
    )


def login(place: str, status: int) -> Problem:
    return Problem(
        "upload.login",
        Text(
            f"the upload server {place} refused the login (HTTP {status})",
            f"上传服务器 {place} 拒绝登录（HTTP {status}）",
        ),
        Text("check upload.token", "请核对 upload.token"),
    )


def redirected(place: str) -> Problem:
    return Problem(
        "upload.redirect",
        Text(
            f"the upload server {place} sends us elsewhere, which is not followed",
            f"上传服务器 {place} 要求转向其他地址，已拒绝",
        ),
        Text("give the final address as upload.url", "请把最终地址填入 upload.url"),
    )


def not_tus(place: str, status: int) -> Problem:
    return Problem(
        "upload.not_tus",
        Text(
            f"what answers at {place} is not a tus 1.0 server (HTTP {status})",
            f"{place} 的应答不是 tus 1.0 服务（HTTP {status}）",
        ),
        _SETTING,
    )


def body_limit(place: str) -> Problem:
    return Problem(
        "upload.body_limit",
        Text(
            f"something before the upload server {place} refuses requests of 1 MiB",
            f"上传服务器 {place} 之前的代理拒绝 1 MiB 的请求",
        ),
        Text("raise the proxy's limit of request bodies", "请提高代理的请求体大小限制"),
    )


def too_large(uri: str, size: int) -> Problem:
    return Problem(
        "upload.too_large",
        Text(
            f"{uri} ({size} bytes) is larger than the upload server takes",
            f"{uri}（{size} 字节）超过上传服务器的限制",
        ),
        Text("raise the server's size limit", "请提高服务器的文件大小限制"),
    )


def mismatch(uri: str) -> Problem:
    return Problem(
        "upload.mismatch",
        Text(
            f"what the upload server holds of {uri} is not what was sent",
            f"上传服务器保存的 {uri} 与发送内容不一致",
        ),
        Text(
            "it is sent anew; if this stays, check the server's disk",
            "将重新发送；如持续出现请检查服务器磁盘",
        ),
    )


def changed(uri: str) -> Problem:
    return Problem(
        "upload.changed",
        Text(
            f"{uri} is no longer the file that its event tells of: it is not uploaded",
            f"{uri} 已不是事件所记录的文件：不予上传",
        ),
        Text(
            "find out who changed it: sandwatch evidence verify",
            "请查明改动原因：sandwatch evidence verify",
        ),
    )


def gone(uri: str) -> Problem:
    return Problem(
        "upload.gone",
        Text(f"{uri} was deleted before it was uploaded", f"{uri} 在上传之前已被删除"),
        Text(
            "give the upload more time or rate, or the box a larger disk",
            "请放宽上传时段或速率，或更换更大的磁盘",
        ),
    )


def off() -> Problem:
    return Problem(
        "upload.off",
        Text("this box has no upload server", "本机未配置上传服务器"),
        Text("set upload.url in the site file", "请在站点文件中设置 upload.url"),
    )


def unknown(uri: str) -> Problem:
    return Problem(
        "upload.unknown",
        Text(f"there is no file of proof {uri}", f"没有取证文件 {uri}"),
        Text("take a uri from an event's proof", "请使用事件 proof 中的 uri"),
    )


def broken(why: str) -> Problem:
    return Problem(
        "upload.store",
        Text(f"the list of uploads failed ({why})", f"上传清单出错（{why}）"),
        Text("check the disk for space and errors", "请检查磁盘空间和故障"),
    )
