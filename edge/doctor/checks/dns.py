"""Whether the names that the site asks for are known."""

import socket
from collections.abc import Iterable, Iterator
from functools import partial
from urllib.parse import urlsplit

from edge import centres
from edge.doctor.question import Box, Question, Verdict, fail, fine
from edge.settings.model import Site
from streams.networks import literal
from streams.problem import Problem, Text
from streams.resolve import addresses

_ANSWER = 10.0  # s: the resolver asks two servers twice, over 4G
_PATIENCE = _ANSWER + 5.0


def questions(box: Box) -> Iterable[Question]:
    if box.site is None:
        return []
    return [Question(name, partial(_look, name), _PATIENCE) for name in sorted(set(_names(box.site)))]


def _names(site: Site) -> Iterator[str]:
    """Hosts that are no addresses. Cameras' are asked for with the camera."""
    urls = [site.upload.url] if site.upload else []
    urls += [site.evidence.tsa.url] if site.evidence.tsa else []
    hosts = [broker.host for broker in centres.settings(site).values()]
    hosts += [urlsplit(url).hostname or "" for url in urls]
    return (host for host in hosts if host and literal(host) is None)


def _look(name: str) -> Iterator[Verdict]:
    try:
        found = addresses(name, _ANSWER)
    except TimeoutError:
        yield fail(_silent(name))
    except socket.gaierror:
        yield fail(_unknown(name))
    else:
        yield fine(*[", ".join(map(str, found))] * 2)


def _silent(name: str) -> Problem:
    return Problem(
        "dns.silent",
        Text(f"the name server does not answer for {name}", f"域名服务器未应答 {name}"),
        Text("check the box's network and its name server", "请检查网关的网络和域名服务器设置"),
    )


def _unknown(name: str) -> Problem:
    return Problem(
        "dns.unknown",
        Text(f"{name} is not known to the name server", f"域名服务器不认识 {name}"),
        Text(
            "correct the name, or set the name server of the site's network",
            "请更正名称，或设置本站网络的域名服务器",
        ),
    )
