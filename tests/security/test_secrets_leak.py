"""A gateway full of secrets that fails in every way it can: not one of them is found anywhere afterwards."""

import asyncio
import base64
import os
import re
import resource
import signal
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.support.daemon import Gateway, patiently, site, stream
from tests.support.mosquitto import Mosquitto, until, witness
from tests.support.ports import free_port
from tests.support.rtsp import RtspServer

pytestmark = pytest.mark.e2e

CODE_OF_FIRST_START = (
    "accounts.first_start"  # the one secret that is said, since it opens nothing but an empty box
)
SECRETS = {
    name: f"zQ7-{name}-{'needle' * 3}"
    for name in (
        "gate-password",
        "wrong-password",
        "url-password",
        "onvif-password",
        "loudspeaker-password",
        "broker-password",
        "city-password",
        "turn-secret",
        "turn-password",
        "access-key",
        "duty-token",
        "upload-token",
        "sfu-token",
        "drone-key",
        "drone-passphrase",
        "kserve-token",
    )
}
PERSON = "river-sand-truck-17-needle"
WRONG = "a-wrong-word-needle-18"
GUESSED = "stranger-token-needle-19"


def streams(camera: RtspServer, closed: int) -> str:
    login = "username: admin\npassword: !secret {}"
    onvif = f"onvif: {{host: 127.0.0.1, port: {closed}, username: admin, password: !secret onvif-password}}"
    here = f"rtsp://{camera.place}"
    in_url = (
        f"rtsp://admin:{quote(SECRETS['url-password'])}@127.0.0.1:{closed}/cam?pwd={SECRETS['url-password']}"
    )
    push = (
        f"  - name: drone\n    kind: push\n    listen: srt://127.0.0.1:{free_port()}\n"
        "    key: !secret drone-key\n    passphrase: !secret drone-passphrase\n"
    )
    return (
        stream("gate", here, f"{login.format('gate-password')}\n{onvif}")
        + stream("wrong", here, login.format("wrong-password"))
        + stream("gone", in_url)
        + push
    )


def whole(broker: int, storage: Path, camera: RtspServer, port: int, closed: int) -> str:
    nowhere = f"127.0.0.1:{closed}"
    text = site(broker=broker, storage=storage, streams=streams(camera, closed))
    login = f'broker: {{url: "mqtt://127.0.0.1:{broker}", username: box, password: !secret broker-password}}'
    return (
        text.replace(f'broker: {{url: "mqtt://127.0.0.1:{broker}"}}', login)
        + f"""
centres: [{{name: city, url: "mqtt://{nowhere}", username: box, password: !secret city-password}}]
http: {{listen: "127.0.0.1:{port}"}}
upload: {{url: "http://{nowhere}/files/", token: !secret upload-token, kinds: [clip, snapshot]}}
access:
  key: !secret access-key
  tokens:
    - {{name: duty, secret: !secret duty-token, may: [publish, watch, speak], groups: ["*"], cameras: ["*"],
        members: [duty]}}
ice:
  - {{url: "turn:{nowhere}?transport=udp", secret: !secret turn-secret}}
  - {{url: "turn:{nowhere}?transport=tcp", username: box, password: !secret turn-password}}
detector: {{kind: kserve, url: "https://{nowhere}", token: !secret kserve-token, fallback: sandwatch-nano}}
talk:
  handover: {{limit: 0, whip: "http://{nowhere}/{{group}}", whep: "http://{nowhere}/{{group}}", token: !secret sfu-token}}
  groups:
    - name: patrol
      members:
        - {{name: duty, role: operator}}
        - name: horn
          role: speaker
          loudspeaker: {{url: "rtsp://{nowhere}/cam", username: admin, password: !secret loudspeaker-password,
                        allow_networks: ["127.0.0.0/8"]}}
"""
    )


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    for name, value in SECRETS.items():
        (folder / name).write_text(value)
        (folder / name).chmod(0o600)
    return folder


@pytest.fixture
def cores_wanted() -> Iterator[None]:
    """A box whose limit would let a core be written."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


@pytest.mark.usefixtures("cores_wanted")
async def test_not_one_secret_is_found_anywhere(
    tmp_path: Path,
    storage: Path,
    keys: Path,
    demo_clip: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    port, broker_port, closed = free_port(), free_port(), free_port()
    places: dict[str, bytes] = {}
    with RtspServer(files=[demo_clip], login=f"admin:{SECRETS['gate-password']}") as camera:
        text = whole(broker_port, storage, camera, port, closed)
        with Gateway(tmp_path, text, SANDWATCH_SECRETS_DIR=str(keys)) as gateway:
            await asyncio.to_thread(gateway.wait, "web.listening")
            code = (await asyncio.to_thread(gateway.wait, CODE_OF_FIRST_START))["code"]
            await asyncio.to_thread(patiently, lambda: any("centre" in line for line in gateway.raw))
            folder = tmp_path / "broker"
            folder.mkdir()
            users = {"box": SECRETS["broker-password"]}
            with Mosquitto(folder, users=users, port=broker_port) as broker:
                login: dict[str, Any] = {"username": "box", "password": SECRETS["broker-password"]}
                async with witness(broker_port, **login) as seen:
                    await until(seen.events)
                    [worker] = await asyncio.to_thread(patiently, gateway.workers)
                    assert max(resource.prlimit(worker, resource.RLIMIT_CORE)) <= 1
                    places |= of_processes(gateway.pid, worker)
                    os.kill(worker, signal.SIGSEGV)
                    await asyncio.to_thread(patiently, lambda: set(gateway.workers()) - {worker})
                    await until(lambda: len(seen.events()) > 1)
                    places["answers"] = await answers(port, code)
                places["mqtt"] = repr(seen).encode()
                broker.kill()
                broker.set_users({"box": "another"})
                broker.start()
                await asyncio.to_thread(gateway.wait, "mqtt.login_refused")
            places |= of_processes(gateway.pid, *gateway.workers())
        places["journal"] = "".join(line for line in gateway.raw if CODE_OF_FIRST_START not in line).encode()
    assert b"camera.unauthorized" in places["answers"] or b"unauthorized" in places["journal"]
    leaked = {**places, **files(storage), **files(work)}
    # A password that somebody wrote into the site file itself stands in its dated copies too, and nowhere else.
    copies = [leaked.pop(name) for name in list(leaked) if name.startswith("storage/config/")]
    assert not [word for word in words() for copy in copies if word in copy and b"url-password" not in word]
    assert not [path for path in (*work.rglob("*"), *storage.rglob("*")) if path.name.startswith("core")]
    found = [(where, word) for where, data in leaked.items() for word in words() if word in data]
    assert not found, found
    assert loose(storage) == []


def words() -> list[bytes]:
    """As they are, and as a URL or a login over HTTP has them."""
    plain = [*SECRETS.values(), PERSON, WRONG, GUESSED]
    coded = [
        base64.b64encode(f"{who}:{word}".encode()).decode()
        for who in ("admin", "box", "duty")
        for word in plain
    ]
    return [word.encode() for word in dict.fromkeys([*plain, *map(quote, plain), *coded])]


def of_processes(*pids: int) -> dict[str, bytes]:
    return {
        f"/proc/{pid}/{name}": Path(f"/proc/{pid}/{name}").read_bytes()
        for pid in pids
        for name in ("cmdline", "environ", "comm")
    }


async def answers(port: int, code: str) -> bytes:
    """Everything the API says to an administrator, and to those who are not let in."""
    said: list[str] = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        bad = {"Authorization": f"Bearer {GUESSED}"}
        for path in (
            "/metrics",
            "/api/v1/events",
            "/api/v1/places",
            "/nowhere",
            f"/whep/gate?token={GUESSED}",
        ):
            said.append(told(await client.get(path, headers=bad)))
        offer = {"Authorization": f"Bearer {SECRETS['duty-token']}", "Content-Type": "application/sdp"}
        said.append(told(await client.post("/whep/gate", headers=offer, content="v=0\r\nnonsense")))
        said.append(told(await client.post("/whep/talk/patrol", headers=offer, content="v=0\r\nnonsense")))
        for name in ("wang", WRONG):
            said.append(told(await client.post("/api/v1/login", json={"name": name, "password": WRONG})))
        first = {"code": code, "name": "wang", "password": PERSON}
        begun = await client.post("/api/v1/first-start", json=first)
        assert begun.status_code < 300, begun.text
        said.append(begun.text)
        client.headers["Cookie"] = begun.headers["set-cookie"].partition(";")[0]
        client.headers["X-Sandwatch-CSRF"] = begun.json()["csrf"]
        described = (await client.get("/api/openapi.json")).json()
        for path, methods in described["paths"].items():
            if "get" in methods and not path.endswith("/changes"):
                for name in ("gate", "wrong", "gone", "drone"):
                    target = re.sub(r"\{n\}", "0", re.sub(r"\{(camera|name|group)\}", name, path))
                    said.append(told(await client.get(target)))
        for order in ("config.get", "status"):
            said.append(
                told(await client.post(f"/api/v1/orders/{order}", json={"id": f"01-{order}-abcdefgh"}))
            )
        # What an order is told of a file that does not do quotes nothing of it either.
        bad_file = {"id": "02-config-abcdefgh", "yaml": f"broker: {{password: '{SECRETS['broker-password']}'"}
        said.append(told(await client.post("/api/v1/orders/config.apply", json=bad_file)))
    return "\n".join(said).encode()


def told(answer: httpx.Response) -> str:
    assert answer.status_code < 500 or answer.status_code == 503, (answer.request.url, answer.text)
    return f"{answer.headers} {answer.text}"


def files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root.parent)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def loose(root: Path) -> list[str]:
    """Files that others than the daemon's user may read or write."""
    return [
        f"{path.relative_to(root)} {stat.filemode(path.stat().st_mode)}"
        for path in root.rglob("*")
        if path.is_file() and path.stat().st_mode & 0o077
    ]
