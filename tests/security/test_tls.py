"""The console's TLS: the box's own certificate, how long it lasts, and what browsers are told of it."""

import asyncio
import ssl
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from structlog.testing import capture_logs

from edge import certificate
from edge.certificate import CERTIFICATE, KEY, kept
from edge.settings.loader import load_text
from edge.settings.web import SELF_SIGNED, HttpSettings
from edge.web import WebRefused, WebService
from relay.http.app import application
from tests.support.ports import free_port

NOW = datetime(2026, 5, 1, tzinfo=UTC)
HERE = frozenset({"box", "box.local", "localhost", "127.0.0.1", "::1", "192.168.1.7"})


def read(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())


def test_what_it_is(tmp_path: Path) -> None:
    made = kept(tmp_path, NOW, HERE)
    found = read(tmp_path)
    key = found.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    told = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(told.get_values_for_type(x509.DNSName)) == {"box", "box.local", "localhost"}
    assert ip_address("192.168.1.7") in told.get_values_for_type(x509.IPAddress)
    assert found.not_valid_after_utc - found.not_valid_before_utc < timedelta(days=825), (
        "telephones refuse it"
    )
    assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert stat.S_IMODE((tmp_path / KEY).stat().st_mode) == 0o600
    der = ssl.PEM_cert_to_DER_cert((tmp_path / CERTIFICATE).read_text())
    assert made.fingerprint.replace(":", "").lower() == sha256(der).hexdigest()


@pytest.mark.parametrize(
    ("days", "names", "same"),
    [
        (0, HERE, True),
        (700, HERE, True),
        (770, HERE, False),  # it ends soon
        (-2, HERE, False),  # made while the clock was wrong
        (1, HERE | {"10.0.0.7"}, True),  # one more address is no reason to compare it again
        (1, frozenset({"box", "localhost", "127.0.0.1", "10.0.0.7"}), False),  # it moved
        (1, frozenset({"box", "localhost", "127.0.0.1"}), True),  # no network yet
    ],
)
def test_when_it_is_made_anew(days: int, names: frozenset[str], same: bool, tmp_path: Path) -> None:
    first = kept(tmp_path, NOW, HERE)
    later = kept(tmp_path, NOW + timedelta(days=days), names)
    assert (later.fingerprint == first.fingerprint) is same


def test_a_damaged_one_is_made_anew(tmp_path: Path) -> None:
    fingerprints = {kept(tmp_path, NOW, HERE).fingerprint}
    for name, data in ((KEY, b""), (CERTIFICATE, b"rubbish"), (KEY, b"-----BEGIN PRIVATE KEY-----\n")):
        (tmp_path / name).write_bytes(data)
        fingerprints.add(kept(tmp_path, NOW, HERE).fingerprint)
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            tmp_path / CERTIFICATE, tmp_path / KEY
        )
    assert len(fingerprints) == 4


@asynccontextmanager
async def serving(folder: Path, *, only_https: bool = False) -> AsyncIterator[str]:
    bound = asyncio.Event()
    http = HttpSettings(listen=f"127.0.0.1:{free_port()}", tls=SELF_SIGNED)
    app = application([], only_https=only_https)
    service = asyncio.create_task(WebService(http, app, bound.set, folder).run())
    await bound.wait()
    try:
        yield http.url
    finally:
        service.cancel()
        await asyncio.wait([service])


async def test_the_journal_shows_what_the_browser_shows(tmp_path: Path) -> None:
    with capture_logs() as lines:
        async with serving(tmp_path) as url:
            trust = ssl.create_default_context(cafile=tmp_path / CERTIFICATE)
            trust.minimum_version = ssl.TLSVersion.TLSv1_3
            async with httpx.AsyncClient(
                verify=trust
            ) as client:  # localhost's address is in it: names are checked
                answer = await until_answered(client, url)
    assert answer.status_code == 200
    assert "strict-transport-security" not in answer.headers, "nobody could pass over the warning any more"
    said = [line["sha256"] for line in lines if line["event"] == "web.certificate"]
    assert said == [certificate.fingerprint(read(tmp_path))]


async def until_answered(client: httpx.AsyncClient, url: str) -> httpx.Response:
    async with asyncio.timeout(30):
        while True:
            try:
                return await client.get(f"{url}/healthz")
            except httpx.ConnectError as error:
                if "CERTIFICATE" in str(error):
                    raise
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
async def test_old_tls_is_refused(version: ssl.TLSVersion, tmp_path: Path) -> None:
    async with serving(tmp_path) as url:
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = old.maximum_version = version
        port = int(url.rpartition(":")[2])
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", port, ssl=old)


async def test_one_that_was_renewed_is_shown_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.web._LOOK", 0.05)
    async with serving(tmp_path) as url:
        port = int(url.rpartition(":")[2])
        before = await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port))
        (tmp_path / CERTIFICATE).unlink()
        shown: set[str] = {before}

        async def look() -> None:
            while len(shown) < 2:
                shown.add(await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port)))

        async with asyncio.timeout(30):
            await look()
        assert (tmp_path / CERTIFICATE).read_text() in shown


async def test_no_room_for_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    http = HttpSettings(listen=f"127.0.0.1:{free_port()}", tls=SELF_SIGNED)
    with pytest.raises(WebRefused) as refused:
        await WebService(http, application([]), folder=tmp_path / "file" / "storage").run()
    assert refused.value.problem.code == "web.own_certificate"


async def test_browsers_keep_to_https_where_the_certificate_is_trusted() -> None:
    for only_https in (True, False):
        transport = httpx.ASGITransport(application([], only_https=only_https))
        async with httpx.AsyncClient(transport=transport, base_url="https://box.test") as client:
            answer = await client.get("/healthz")
        assert ("strict-transport-security" in answer.headers) is only_https
        assert "includesubdomains" not in answer.headers.get("strict-transport-security", "").lower()


def test_in_a_site_file() -> None:
    text = (
        'site: {id: pit, area: "410122"}\nbroker: {url: mqtts://broker.test}\ndetector: {kind: fake}\n'
        "streams: [{name: gate, url: 'rtsp://192.168.1.64/cam'}]\nhttp: {listen: '0.0.0.0:8443', tls: self-signed}\n"
    )
    loaded = load_text(text, "site.yaml", {})
    assert loaded.site.http is not None
    assert loaded.site.http.url == "https://0.0.0.0:8443"
    assert not [each for each in loaded.warnings if "http" in each.say("en")]
