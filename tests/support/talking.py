"""Talk groups at work in this process, and officers who talk in them."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from aiortc import MediaStreamTrack, RTCDataChannel, RTCSessionDescription
from pydantic import SecretStr

from edge.talk.archive import NOTHING, Archive
from edge.talk.calls import Call
from edge.talk.desk import Desk
from edge.talk.service import Talk
from relay.filming import Filmer
from relay.floor_words import Release, Request, write
from relay.groups import TalkGroups
from relay.handover import Handover
from relay.ice import IceServers
from relay.media.policy import Purpose
from relay.recording import Recorder
from relay.sessions import Session, Sessions
from relay.talk import FloorRules, Member, Role, TalkGroup, Urgency
from relay.tokens import Grant, Right, Scope, Tokens, TokenSpec
from relay.wish import Wish
from streams.problem import Problem
from tests.support.callers import PATIENCE, Caller, Tone

DESK = Member("desk", Role.OPERATOR, 5)
BADGES = tuple(Member(f"badge-{number}", Role.BODY_CAMERA, 1) for number in (1, 2, 3))
HORN = Member("horn", Role.SPEAKER)
PATROL = TalkGroup("patrol", (DESK, *BADGES, HORN))
TOKEN = "a-token-for-everybody-in-the-tests"
EVERYWHERE = TokenSpec(
    name="everybody", secret=SecretStr(TOKEN), may=tuple(Right), groups=("*",), members=("*",), cameras=("*",)
)


@dataclass
class Site:
    """Talk of one box. rings: (member, call) in the order they rang; told: by the recorder."""

    talk: Talk
    sessions: Sessions
    tokens: Tokens
    desk: Desk
    rings: list[tuple[str, Call]] = field(default_factory=list)
    told: list[Problem | None] = field(default_factory=list)

    @property
    def everybody(self) -> Grant:
        return self.tokens.check(TOKEN, time.time())


@asynccontextmanager
async def site(
    *groups: TalkGroup,
    recordings: Path | None = None,
    handover: Handover | None = None,
    tokens: tuple[TokenSpec, ...] = (EVERYWHERE,),
    unrecorded: frozenset[str] = frozenset(),
) -> AsyncIterator[Site]:
    told: list[Problem | None] = []
    rings: list[tuple[str, Call]] = []
    archive = NOTHING
    if recordings:
        recorder = Recorder(recordings, 1 << 30, told.append)
        archive = Archive(recorder, Filmer(recordings, 1 << 30, 60.0, told.append), unrecorded)
    check = Tokens(tokens, SecretStr("k" * 32), "test", 0.0)
    talk = Talk(
        TalkGroups(groups or (PATROL,), now=time.monotonic()),
        check,
        archive=archive,
        handover=handover,
        ring=lambda member, call: rings.append((member, call)),
    )
    sessions = Sessions(talk, IceServers(), check)
    running = asyncio.ensure_future(talk.run())
    try:
        yield Site(talk, sessions, check, Desk(talk, sessions, check), rings, told)
    finally:
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled(), running.exception()
        await archive.close(PATIENCE)
        assert len(sessions) == 0


class Officer(Caller):
    """A member with our page's connection: microphone, ear and floor messages. `async with`."""

    def __init__(self, name: str, track: MediaStreamTrack | None = None) -> None:
        super().__init__()
        self.name = name
        self.words: list[dict[str, Any]] = []
        self.talks(track or Tone())
        self.channel: RTCDataChannel = self.connection.createDataChannel("floor")
        self.channel.on("message", lambda text: self.words.append(json.loads(text)))
        self._press = 0

    async def __aenter__(self) -> Self:
        return self

    async def joins(self, site: Site, group: str = "patrol", token: str = TOKEN) -> Session:
        """Until the group knows it."""
        grant = site.tokens.check(token, time.time())
        wish = Wish(Purpose.TALK, group, self.name)
        session = await site.sessions.open(wish, await self.offer(), grant)
        await self.connection.setRemoteDescription(RTCSessionDescription(session.answer, "answer"))
        await self.told("roster")
        return session

    def presses(self, urgency: Urgency = Urgency.NORMAL) -> None:
        self._press += 1
        self.channel.send(write(Request(press=self._press, urgency=urgency)))

    def lets_go(self) -> None:
        self.channel.send(write(Release(press=self._press)))

    async def told(self, kind: str, **fields: object) -> dict[str, Any]:
        """The next floor message of that type with these fields; those before it are thrown away."""

        def found() -> bool:
            return any(_fits(word, kind, fields) for word in self.words)

        await until(found, lambda: f"{self.name} never heard {kind} {fields}: {self.words}")
        while not _fits(word := self.words.pop(0), kind, fields):
            pass
        return word


def scoped(name: str, token: str, **scope: Any) -> TokenSpec:
    return TokenSpec(name=name, secret=SecretStr(token), **scope)


def rules(**changed: float) -> FloorRules:
    return FloorRules(**changed)  # type: ignore[arg-type]


def only(member: str, group: str = "patrol") -> Scope:
    return Scope(may=(Right.SPEAK, Right.WATCH, Right.PUBLISH), groups=(group,), members=(member,))


async def until(condition: Callable[[], object], words: Callable[[], str] = lambda: "it never came") -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(words()) from None


def _fits(word: dict[str, Any], kind: str, fields: dict[str, object]) -> bool:
    return word["type"] == kind and all(word.get(name) == value for name, value in fields.items())
