"""Talk-back and live view of one site, put together and kept running: what the daemon has of it."""

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING

import structlog
from pydantic import SecretStr
from starlette.routing import BaseRoute

from edge.commands import Asked, Commands
from edge.console import pages
from edge.envelope import Occurrence
from edge.live import PacketFeed
from edge.passes import Holder, Pass
from edge.settings.model import Site
from edge.settings.talk import HandoverSettings, MemberSettings
from edge.settings.web import HttpTls
from edge.status import Status
from edge.supervisor import supervise
from edge.talk.archive import NOTHING, Archive
from edge.talk.calls import Call
from edge.talk.desk import Desk, ringing
from edge.talk.passes import Passes
from edge.talk.phone import Phone
from edge.talk.respond import Responder
from edge.talk.service import Talk
from edge.talk.switchboard import Switchboard
from edge.web import WebService
from relay.filming import Filmer
from relay.groups import TalkGroups
from relay.http.app import application
from relay.http.signalling import Signalling
from relay.ice import IceServers
from relay.live.view import LiveView
from relay.loudspeaker.booth import Booth
from relay.loudspeaker.loudspeaker import Loudspeaker
from relay.recording import Recorder
from relay.sessions import Limits, Sessions
from relay.shelf import Keeper, nobody
from relay.signalling import Place
from relay.tokens import Tokens
from streams.problem import Problem, ProblemError
from streams.retry import Ladder

if TYPE_CHECKING:
    from relay.handover import Handover

log = structlog.get_logger()

_LAST_WORDS = 1.0  # s for recordings to reach the disk when the box stops


class House:
    """A service of the daemon, single use. ring: makes a call ring beyond those who are connected. kept: told of every
    recording, from threads. more: what else its HTTP serves."""

    def __init__(
        self,
        site: Site,
        feed: PacketFeed,
        status: Status,
        ring: Callable[[str, Call], None],
        kept: Keeper = nobody,
        more: Sequence[BaseRoute] = (),
    ) -> None:
        self._site, self._status, self._more = site, status, more
        self._archive = self._make_archive(kept)
        key = site.access.key or SecretStr(secrets.token_urlsafe(32))  # for calls; nobody else signs with it
        self.tokens = Tokens(site.access.tokens, key, site.site.id, time.time())
        self.talk = Talk(
            TalkGroups((group.plan() for group in site.talk.groups), site.talk.call_rules, time.monotonic()),
            self.tokens,
            titles={group.name: group.title for group in site.talk.groups if group.title},
            archive=self._archive,
            views=LiveView(feed, site.live.transcode, sound=site.live.sound),
            cameras=_places(site),
            handover=_handover(site.talk.handover, self._tell("handover")),
            ring=ring,
            changed=status.talk,
        )
        limits = site.access.sessions
        self.sessions = Sessions(
            self.talk, IceServers(site.ice), self.tokens, Limits(limits.box, limits.group, limits.token)
        )
        self.passes = Passes(self.tokens, self.sessions, self.talk.calls, site.talk.groups)
        self.desk = Desk(self.talk, self.sessions, self.tokens)
        self._responder = self._make_responder(site)

    async def run(self) -> None:
        """Until it is cancelled; raises what is a defect. Everybody is told, and hung up, before it returns."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.talk.run())
                tasks.create_task(self.passes.run())
                tasks.create_task(self._serve())
                for group in self._site.talk.groups:
                    self._loud(tasks, group.name, group.members)
        finally:
            await self._archive.close(_LAST_WORDS)

    def seat(self, site: Site) -> None:
        """Of a site that differs in its cameras alone: whoever talks or watches goes on."""
        self.talk.seat(_places(site))
        self._responder = self._make_responder(site)

    def event(self, occurrence: Occurrence) -> None:
        self._responder.event(occurrence, time.monotonic())

    def routes(self) -> list[BaseRoute]:
        signalling = Signalling(self.sessions, self.tokens, self.talk)
        return [
            *signalling.routes(),
            *Phone(Switchboard(self.talk), self.tokens).routes(),
            *pages(),
            *self._more,
        ]

    async def _serve(self) -> None:
        """HTTP, where the site wants it; a port that is taken must not keep those on MQTT from talking."""
        http = self._site.http
        if http is None:
            return
        app = application(
            self.routes(), http.origins, lambda: self._status.alive, only_https=isinstance(http.tls, HttpTls)
        )
        folder = self._site.storage.path

        def failed(error: Exception, wait: float) -> None:
            log.error("web.failed", why=str(error), again_in_s=round(wait, 1))
            if isinstance(error, ProblemError):
                self._status.problem("web", error.problem)

        await supervise("web", lambda: WebService(http, app, folder=folder), _ladder(), failed)

    def _loud(self, tasks: asyncio.TaskGroup, group: str, members: tuple[MemberSettings, ...]) -> None:
        """The loudspeakers of a group share one decoder."""
        loud = [member for member in members if member.loudspeaker is not None]
        if not loud:
            return
        booth = Booth(group)
        self.talk.tap(group, booth)
        for member in loud:
            assert member.loudspeaker is not None
            hearer = _Hearer(self.talk, group, self._status)
            tasks.create_task(Loudspeaker(member.name, member.loudspeaker, booth, hearer).run())

    def _make_responder(self, site: Site) -> Responder:
        return Responder(
            {
                stream.name: stream.respond
                for stream in site.streams
                if stream.respond and stream.respond.members
            },
            {stream.name: stream.title for stream in site.streams if stream.title},
            lambda members, subject: self.talk.calls.event(members, subject=subject).ring.call,
            self.talk.calls.is_open,
        )

    def _make_archive(self, kept: Keeper) -> Archive:
        talk, folder = self._site.talk, self._site.storage.evidence / "talk"
        sound, pictures = talk.recording, talk.recording.pictures
        if not (sound.keep and talk.groups):
            return NOTHING
        told = self._tell("talk.pictures")
        return Archive(
            Recorder(folder, sound.megabytes * 1_000_000, self._tell("talk.recording"), kept),
            Filmer(folder, pictures.megabytes * 1_000_000, pictures.piece, told, kept)
            if pictures.keep
            else None,
            frozenset(group.name for group in talk.groups if not group.record),
        )

    def _tell(self, what: str) -> Callable[[Problem | None], None]:
        """Says a trouble of ours, from whatever thread."""
        loop = asyncio.get_running_loop()

        def tell(problem: Problem | None) -> None:
            loop.call_soon_threadsafe(self._status.problem, what, problem)

        return tell


class Front:
    """What outlasts a House that fails: where letters and events go, to whichever one stands."""

    def __init__(self) -> None:
        self.house: House | None = None
        self._site: Site | None = None

    def passes(self, holder: Holder) -> Pass | None:
        """For somebody who is signed in. None while no house stands."""
        return None if self.house is None else self.house.passes.issue(holder)

    async def take(self, asked: Asked) -> None:
        """The handler of cmd/talk. While no house stands, nobody answers: the letter expires."""
        if self.house is not None:
            await self.house.desk.take(asked)

    def seat(self, site: Site) -> None:
        """Of a site that differs in its cameras alone."""
        self._site = site
        if self.house is not None:
            self.house.seat(site)

    def event(self, occurrence: Occurrence) -> None:
        if self.house is not None:
            self.house.event(occurrence)

    async def keep(
        self,
        site: Site,
        feed: PacketFeed,
        status: Status,
        commands: Commands,
        kept: Keeper = nobody,
        more: Sequence[BaseRoute] = (),
    ) -> None:
        """One house after another, for as long as we run. kept: told of every recording, from threads. more: what else
        its HTTP serves, after its own paths."""

        def failed(error: Exception, wait: float) -> None:
            log.error("talk.failed", exc_info=error, again_in_s=round(wait, 1))

        self._site = site

        def build() -> House:
            return House(self._site or site, feed, status, ringing(commands), kept, more)

        await supervise("talk", lambda: _Kept(self, build), _ladder(), failed)


class _Kept:
    """A House as a Service that the Front knows while it runs."""

    def __init__(self, front: Front, build: Callable[[], House]) -> None:
        self._front, self._build = front, build

    async def run(self) -> None:
        house = self._front.house = self._build()
        try:
            await house.run()
        finally:
            self._front.house = None


class _Hearer:
    """What a loudspeaker tells: it is in the group while its camera answers."""

    def __init__(self, talk: Talk, group: str, status: Status) -> None:
        self._talk, self._group, self._status = talk, group, status
        self._leave: Callable[[], None] | None = None

    def connected(self, name: str) -> None:
        self._leave = self._leave or self._talk.speaker(self._group, name)
        self._status.problem(f"loudspeaker.{name}", None)

    def lost(self, name: str, problem: Problem) -> None:
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()
        self._status.problem(f"loudspeaker.{name}", problem)


def _places(site: Site) -> tuple[Place, ...]:
    return tuple(Place(stream.name, stream.title) for stream in site.streams)


def _handover(settings: HandoverSettings | None, told: Callable[[Problem | None], None]) -> "Handover | None":
    if settings is None:
        return None
    from relay.handover import Handover, Sfu  # noqa: PLC0415 (an HTTP client that most sites never need)

    return Handover(Sfu(settings.limit, settings.whip, settings.whep, settings.token), told)


def _ladder() -> Ladder:
    return Ladder(Random())  # noqa: S311 (jitter)
