"""All talk groups of the box at work: who connects is put where it belongs, and time does its part."""

import asyncio
import re
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from edge.talk.archive import NOTHING, Archive
from edge.talk.calls import Call, Calls, Ringer
from edge.talk.post import Post, Way
from edge.talk.presence import Presence
from edge.talk.problems import no_camera, not_a_name
from edge.talk.room import Room
from relay.groups import TalkGroups
from relay.media.peer import Peer
from relay.media.policy import Policy, Purpose
from relay.media.switch import Sink
from relay.signalling import Caller, Directory, Kind, Leg, Place, Turned
from relay.talk import GroupKind, Member, TalkRefused
from relay.talk_problems import no_member
from relay.tokens import Grant, Tokens
from relay.wish import Wish

if TYPE_CHECKING:
    from relay.handover import Handover  # with an HTTP client that most sites never need

log = structlog.get_logger()

_TICK = 0.25  # s between two looks whether who speaks is heard; the floor allows a second of silence at least
_LINGER = 0.5  # s for the last words of a channel to arrive over 4G before the connection is taken down
_GOODBYE = 1.5  # s for connections to be taken down when the box stops, which is promised within 3
_NAME = re.compile(r"\w[\w.-]{0,63}")  # also a file's name, where it is recorded


class Views(Protocol):
    """Who shows cameras (relay.live.view.LiveView)."""

    async def open(self, wish: Wish, offer: str, caller: Caller) -> tuple[Leg, str]:
        """Raises ProblemError, and keeps nothing then."""

    async def close(self) -> None: ...


class Talk:
    """The Exchange of relay.signalling. `run` it beside whatever opens sessions; cancelled, it hangs everybody up.

    views: takes the wishes for `cameras`. ring: told of every member that is called. changed: told when somebody comes,
    goes, or gets or loses the floor. wall: s since 1970.
    """

    def __init__(
        self,
        groups: TalkGroups,
        tokens: Tokens,
        *,
        titles: dict[str, str] | None = None,
        archive: Archive = NOTHING,
        views: Views | None = None,
        cameras: tuple[Place, ...] = (),
        handover: "Handover | None" = None,
        ring: Ringer = lambda _member, _call: None,
        changed: Callable[[str, Presence], None] = lambda _group, _presence: None,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._groups, self._titles = groups, titles or {}
        self.calls = Calls(groups, tokens, self._rings, monotonic, wall)
        self._archive, self._handover = archive, handover
        self._views, self._cameras = views, cameras
        self._ring, self._changed = ring, changed
        self._monotonic, self._wall = monotonic, wall
        self._rooms: dict[str, Room] = {}
        self._posts: dict[str, tuple[Room, Post]] = {}
        self._told: dict[str, Presence] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._bell = asyncio.Event()
        for name in groups.names:
            self._room(name)

    async def run(self) -> None:
        try:
            while True:
                await self._pause()
                self._tick()
        finally:
            await self._close()

    async def open(self, wish: Wish, offer: str, caller: Caller) -> tuple[Leg, str]:
        """Answer who wants to publish, watch or talk. Raises ProblemError, and keeps nothing then."""
        if wish.group is None:
            if self._views is None or wish.camera is None:
                raise Turned(Kind.NOT_FOUND, no_camera(wish.camera or ""))
            return await self._views.open(wish, offer, caller)
        room = self._standing(wish.group)
        guest = self._known(room, wish, caller.grant)
        floor = wish.purpose is Purpose.WATCH and wish.member is None
        if floor and self._handover is not None and self._handover.wanted(self._listeners(room)):
            return await self._handover.open(room.name, room.listen, offer)
        return await self._answer(room, wish, offer, caller, guest)

    def directory(self) -> Directory:
        """Calls too: whoever may see every group may see them."""
        plans = (self._groups.get(name).plan for name in self._groups.names if name in self._rooms)
        groups = tuple(
            Place(plan.name, self._titles.get(plan.name), plan.members, plan.kind) for plan in plans
        )
        return Directory(groups, self._cameras)

    def seat(self, cameras: tuple[Place, ...]) -> None:
        """The box has others from now on."""
        self._cameras = cameras

    def receive(self, session: str, text: str) -> None:
        """A floor message of a session, however it came; of one that is gone: ignored."""
        if session in self._posts:
            room, _ = self._posts[session]
            room.receive(session, text)
            self._happened(room)

    def write_to(self, session: str, way: Way) -> None:
        """Words for this session may go this way from now on, where it has no data channel."""
        if session in self._posts:
            self._posts[session][1].write_to(way)

    def decline(self, call: str, member: str) -> None:
        """Raises TalkRefused."""
        outputs = self._groups.decline(call, member, self._monotonic())
        room = self._room(call)
        room.apply(outputs)
        self._happened(room)

    def tap(self, group: str, sink: Sink) -> None:
        """It hears the group's floor from now on: the loudspeakers. Raises TalkRefused."""
        self._standing(group).tap(sink)

    def speaker(self, group: str, member: str) -> Callable[[], None]:
        """A loudspeaker is there; what comes back takes it away again. Raises TalkRefused."""
        room = self._standing(group)
        session = f"speaker:{group}:{member}"
        room.apply(room.group.join(member, session, self._monotonic()))
        self._happened(room)

        def gone() -> None:
            room.apply(room.group.leave(session, self._monotonic()))
            self._happened(room)

        return gone

    async def _answer(
        self, room: Room, wish: Wish, offer: str, caller: Caller, guest: Member | None
    ) -> tuple[Leg, str]:
        session = caller.session
        peer = Peer(
            Policy(wish.purpose),
            caller.ice,
            on_text=lambda text: self.receive(session, text),
            on_channel=lambda: self._channel(session),
        )
        answer = await peer.answer(offer)
        post = Post(session, wish.purpose, wish.member, guest, peer, _hears(room, wish, caller))
        self._posts[session] = room, post
        self._spawn(self._attend(room, post))
        return peer, answer

    async def _attend(self, room: Room, post: Post) -> None:
        """One connection, from the moment it stands to its end."""
        try:
            if await post.peer.connected():
                self._enter(room, post)
            await post.peer.ended()
        finally:
            self._posts.pop(post.session, None)
            room.leave(post)
            self._happened(room)

    def _enter(self, room: Room, post: Post) -> None:
        try:
            room.enter(post)
        except TalkRefused as refused:
            log.info("talk.refused", group=room.name, member=post.member, code=refused.problem.code)
            self._end(post)
        self._happened(room)

    def _channel(self, session: str) -> None:
        if session in self._posts:
            self._posts[session][1].flush()

    def _end(self, post: Post) -> None:
        self._spawn(_taken_down(post))

    def _rings(self, member: str, call: Call) -> None:
        """Also where it is connected already."""
        self._ring(member, call)
        for _, post in self._posts.values():
            if post.member == member and post.purpose is Purpose.TALK:
                post.say(call)
        self._bell.set()

    def _standing(self, name: str) -> Room:
        """Raises TalkRefused."""
        self._groups.get(name)
        return self._room(name)

    def _room(self, name: str) -> Room:
        if name not in self._rooms:
            group = self._groups.get(name)
            self._rooms[name] = Room(group, self._end, self._archive.of(name), self._monotonic, self._wall)
        return self._rooms[name]

    def _known(self, room: Room, wish: Wish, grant: Grant) -> Member | None:
        """The guest it comes as, where the group does not name it. Raises TalkRefused, Turned."""
        member = wish.member
        if member is None or any(known.name == member for known in room.group.plan.members):
            return None
        role = grant.scope.role
        if wish.purpose is Purpose.WATCH:
            if member in room.group.present:
                return None
        elif role is not None and room.group.plan.kind is GroupKind.STANDING:
            if not _NAME.fullmatch(member):
                raise Turned(Kind.MALFORMED, not_a_name())
            return Member(member, role)
        raise TalkRefused(no_member(room.name, member))

    def _listeners(self, room: Room) -> int:
        """Who only hears the floor, or is about to."""
        posts = (post for place, post in self._posts.values() if place is room)
        return sum(post.purpose is Purpose.WATCH and post.member is None for post in posts)

    def _happened(self, room: Room) -> None:
        """Something is new in a group: what is due may be due sooner, and those who look on are told."""
        self._bell.set()
        presence = Presence(room.group.present, room.group.holder)
        if self._told.get(room.name, Presence()) != presence:
            self._told[room.name] = presence
            self._changed(room.name, presence)

    async def _pause(self) -> None:
        due = self._groups.next_due
        wait = _TICK if due is None else min(_TICK, max(0.0, due - self._monotonic()))
        self._bell.clear()
        try:
            async with asyncio.timeout(wait):
                await self._bell.wait()
        except TimeoutError:
            pass

    def _tick(self) -> None:
        for room in self._rooms.values():
            room.tick()
        for name, outputs in self._groups.due(self._monotonic()):
            self._rooms[name].apply(outputs)
            self._happened(self._rooms[name])
        over = self._rooms.keys() - set(self._groups.names) - {room.name for room, _ in self._posts.values()}
        for name in over:
            del self._rooms[name]
            self._told.pop(name, None)

    async def _close(self) -> None:
        for name, outputs in self._groups.close(self._monotonic()):
            if name in self._rooms:
                self._rooms[name].apply(outputs)
        for part in (self._handover, self._views):
            if part is not None:
                await part.close()
        for _, post in list(self._posts.values()):
            self._end(post)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_GOODBYE)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # the loop itself keeps tasks only weakly
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("talk.defect", exc_info=error)


async def _taken_down(post: Post) -> None:
    """After its last words have had time to arrive. Twice is once."""
    await asyncio.sleep(_LINGER)
    await post.peer.close()


def _hears(room: Room, wish: Wish, caller: Caller) -> str | None:
    """As whom it hears the floor: a member does not hear itself, also where it publishes and listens apart."""
    match wish.purpose, wish.member:
        case Purpose.TALK, str(member):
            return member
        case Purpose.WATCH, None:
            own = caller.grant.scope.members
            named = {known.name for known in room.group.plan.members}
            return own[0] if len(own) == 1 and own[0] in named else caller.session
    return None
