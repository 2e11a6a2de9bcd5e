"""Where the box listens for people: the port free or the gateway's own, the certificate good for a while."""

import errno
import socket
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from edge.doctor.question import Box, Question, Verdict, fail, fine, warn
from edge.settings.web import HttpSettings, HttpTls
from streams.problem import Problem, Text

_PATIENCE = 10.0  # s: this box itself
_SOON = timedelta(days=30)  # what a new certificate takes to be signed and brought to the site


def questions(box: Box) -> Iterable[Question]:
    if box.site is None or (http := box.site.http) is None:
        return []
    return [Question(http.listen, lambda: _look(http), _PATIENCE)]


def _look(http: HttpSettings) -> Iterator[Verdict]:
    if isinstance(http.tls, HttpTls):  # the box's own is made anew by itself
        yield _certificate(http.tls.cert_file)
    yield _port(http)


def _port(http: HttpSettings) -> Verdict:
    family = socket.AF_INET6 if ":" in http.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((http.host, http.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return fine("in use, as it is while the gateway runs", "已被占用（网关运行时正常）")
            return fail(_cannot(http.listen, error))
    return fine("free", "空闲")


def _certificate(file: Path) -> Verdict:
    try:
        ends = x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return fail(_unreadable(file))
    day = f"{ends:%Y-%m-%d}"
    if ends < datetime.now(UTC):
        return fail(_over(file, day))
    if ends < datetime.now(UTC) + _SOON:
        return warn(_over(file, day))
    return fine(f"certificate until {day}", f"证书有效期至 {day}")


def _cannot(listen: str, error: OSError) -> Problem:
    return Problem(
        "web.listen",
        Text(f"cannot listen on {listen}: {error.strerror}", f"无法监听 {listen}：{error.strerror}"),
        Text(
            "check http.listen; ports below 1024 need port.conf beside the unit",
            "请检查 http.listen；1024 以下端口需要 port.conf",
        ),
    )


def _unreadable(file: Path) -> Problem:
    return Problem(
        "web.certificate",
        Text(f"the certificate {file} cannot be read", f"无法读取证书 {file}"),
        Text(
            "check http.tls: PEM, readable by the gateway's user", "请检查 http.tls：PEM 格式、网关用户可读"
        ),
    )


def _over(file: Path, day: str) -> Problem:
    return Problem(
        "web.certificate_ends",
        Text(f"the certificate {file} is good until {day}", f"证书 {file} 有效期至 {day}"),
        Text("put a new one in its place", "请更换新证书"),
    )
