"""Addresses that a camera reports, made fit for use. Pure.

A camera behind a port forward reports the address it has inside, a fresh one 0.0.0.0, a cloned one another
camera's. Whatever it reports, we go on talking to the host that the site's settings name: a login is never
sent to where a camera points us. What that costs: a recorder that hands out other hosts' streams needs their
addresses written into the settings.
"""

from urllib.parse import SplitResult, urlsplit, urlunsplit

from pydantic import SecretStr

from streams.urls import checked


def place(host: str, port: int) -> str:
    """host:port as it stands in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def service_url(reported: str, host: str, port: int) -> str | None:
    """Where to send a service's requests; None where `reported` is no web address.

    The reported port counts only beside our own host: behind a port forward it means nothing.
    """
    parts = _split(reported)
    if parts is None or parts.scheme not in ("http", "https"):
        return None
    ours = parts.hostname == host.lower() and parts.scheme == "http"
    where = place(host, (parts.port or 80) if ours else port)
    return urlunsplit(("http", where, parts.path or "/", parts.query, ""))


def stream_url(reported: str, host: str) -> SecretStr | None:
    """The RTSP address without a login, at our host and the reported port; None where it is none.

    Some makers want a login inside the path or the query: that stays, hence the SecretStr.
    """
    parts = _split(reported)
    if parts is None:
        return None
    port = f":{parts.port}" if parts.port else ""
    where = f"[{host}]{port}" if ":" in host else f"{host}{port}"
    url = urlunsplit((parts.scheme, where, parts.path, parts.query, ""))
    try:
        return checked(SecretStr(url))
    except ValueError:
        return None


def _split(url: str) -> SplitResult | None:
    """None for what cannot be read, a port out of range among it."""
    try:
        parts = urlsplit(url.strip())
        _ = parts.port  # parsed on access
    except ValueError:
        return None
    return parts
