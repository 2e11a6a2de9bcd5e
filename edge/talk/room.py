"""One talk group at work: what its floor decides, done to the connections of its members."""

import asyncio
from collections.abc import Callable, Iterable

import structlog

from edge.talk.archive import Archive
from edge.talk.post import Post
from relay.filming import Film
from relay.floor_events import Output, Saying, Speech
from relay.floor_events import Switch as Turn
from relay.floor_words import Closed, Replaced, ToMember
from relay.group import Group
from relay.media.policy import Purpose
from relay.media.stream import Kind
from relay.media.switch import Outlet, Sink, Source, Switch
from relay.recording import Said, Tape
from relay.talk import TalkRefused

log = structlog.get_logger()

Clock = Callable[[], float]


class Room:
    """end: ends a connection whose part is over. archive: what is kept of it.

    monotonic, wall: s of the clock the floor goes by, and s since 1970. All on the loop's thread.
    """

    def __init__(
        self,
        group: Group,
        end: Callable[[Post], None],
        archive: Archive,
        monotonic: Clock,
        wall: Clock,
    ) -> None:
        self.group = group
        self.posts: dict[str, Post] = {}
        self._end, self._archive = end, archive
        self._monotonic, self._wall = monotonic, wall
        self._switch = Switch()
        self._hearing: dict[str, Post] = {}
        self._tape: Tape | None = None
        self._films: dict[str, Film] = {}
        self._source: Source | None = None
        self._heard: float | None = None

    @property
    def name(self) -> str:
        return self.group.plan.name

    def enter(self, post: Post) -> None:
        """Its connection stands. Raises TalkRefused where there is no place for it any more."""
        if self._takes_part(post):
            assert post.member is not None
            outputs = self.group.join(post.member, post.session, self._monotonic(), post.guest)
            self.posts[post.session] = post
            self._hear(post)
            self.apply(outputs)
        else:
            self.posts[post.session] = post
            self._hear(post)
        if post.joins:
            self._retire(post)
            self._film(post)
        self._follow()

    def leave(self, post: Post) -> None:
        """It is gone. One that never entered changes nothing."""
        if self.posts.pop(post.session, None) is None:
            return
        self._silence(post)
        if (film := self._films.pop(post.session, None)) is not None:
            film.end()
        self.apply(self.group.leave(post.session, self._monotonic()))
        self._rejoin(post)
        self._follow()

    def receive(self, session: str, text: str) -> None:
        self.apply(self.group.receive(session, text, self._monotonic()))

    def tick(self) -> None:
        """Whoever has the floor, and was heard since the last tick, goes on having it."""
        holder, heard = self.group.holder, self._source.heard if self._source else None
        if holder is not None and heard != self._heard:
            self._heard = heard
            self.apply(self.group.heard(holder, self._monotonic()))

    def tap(self, sink: Sink) -> None:
        """It hears the floor, whoever speaks."""
        self._switch.tap(sink)

    def untap(self, sink: Sink) -> None:
        self._switch.untap(sink)

    def listen(self, outlet: Outlet) -> Callable[[], None]:
        """One more that hears the floor and is no member; what comes back takes it away again."""
        key = f"outlet:{id(outlet)}"
        self._switch.join(key, outlet)
        return lambda: self._switch.leave(key)

    def apply(self, outputs: Iterable[Output]) -> None:
        """In their order: media first."""
        for output in outputs:
            match output:
                case Saying(to=session, word=word):
                    self._say(session, word)
                case Turn(speaker=speaker):
                    self._turn(speaker)
                case Speech():
                    self._ended(output)

    def _takes_part(self, post: Post) -> bool:
        """A publication leaves the floor to its member's talk connection, where there is one."""
        if post.purpose is not Purpose.PUBLISH:
            return post.joins
        session = self.group.session(post.member or "")
        return session is None or self._purpose(session) is not Purpose.TALK

    def _purpose(self, session: str) -> Purpose | None:
        post = self.posts.get(session)
        return post.purpose if post else None

    def _retire(self, newcomer: Post) -> None:
        """The same member's older connection of the same kind is over."""
        for post in list(self.posts.values()):
            same = (post.member, post.purpose) == (newcomer.member, newcomer.purpose)
            if same and post is not newcomer:
                self._end(post)

    def _film(self, post: Post) -> None:
        """Its pictures are kept from the first to the last one; a connection that shows none makes no file."""
        source = post.source(Kind.VIDEO)
        if self._archive.filmer is None or source is None:
            return
        loop = asyncio.get_running_loop()

        def want_key() -> None:
            loop.call_soon_threadsafe(source.want_key)

        film = self._films[post.session] = self._archive.filmer.begin(self.name, post.member or "", want_key)
        source.attach(film)

    def _rejoin(self, gone: Post) -> None:
        """Its member still publishes: it stays in the group by that."""
        for post in self.posts.values():
            if post.member == gone.member and post.joins and self.group.session(post.member or "") is None:
                try:
                    self.apply(
                        self.group.join(post.member or "", post.session, self._monotonic(), post.guest)
                    )
                except TalkRefused:
                    self._end(post)
                return

    def _hear(self, post: Post) -> None:
        """The newest of a member's connections that hear the floor is the one that does."""
        outlet = post.outlet(Kind.AUDIO)
        if post.hears is not None and outlet is not None:
            self._hearing[post.hears] = post
            self._switch.join(post.hears, outlet)

    def _silence(self, post: Post) -> None:
        """If it was the one, an older one is again."""
        if post.hears is None or self._hearing.get(post.hears) is not post:
            return
        del self._hearing[post.hears]
        self._switch.leave(post.hears)
        others = [other for other in self.posts.values() if other.hears == post.hears]
        if others:
            self._hear(others[-1])

    def _follow(self) -> None:
        """Who watches a member sees its newest publication."""
        for post in self.posts.values():
            if post.purpose is Purpose.WATCH and post.member is not None:
                for kind, outlet in post.peer.outlets.items():
                    source = self._publication(post.member, kind)
                    if post.follows.get(kind) is not source:
                        post.follows[kind] = source
                        outlet.follow(source)
        if self.group.holder is not None and self._voice(self.group.holder) is not self._source:
            self._switch_to(self.group.holder)

    def _publication(self, member: str, kind: Kind) -> Source | None:
        """What the member publishes, by the newest connection; else what it sends to talk."""
        own = [post for post in reversed(self.posts.values()) if post.member == member and post.joins]
        own.sort(key=lambda post: post.purpose is not Purpose.PUBLISH)
        return next((source for post in own if (source := post.source(kind)) is not None), None)

    def _voice(self, member: str) -> Source | None:
        """Of the connection it has the floor by; of any other, where that one has no microphone."""
        post = self.posts.get(self.group.session(member) or "")
        own = post.source(Kind.AUDIO) if post else None
        return own or self._publication(member, Kind.AUDIO)

    def _turn(self, speaker: str | None) -> None:
        self._switch_to(speaker)
        if speaker is None:
            return
        log.info("talk.speaks", group=self.name, member=speaker)
        if self._archive.recorder is not None:
            self._tape = self._archive.recorder.begin(self.name, speaker, self._wall())
            self._switch.tap(self._tape)

    def _switch_to(self, speaker: str | None) -> None:
        self._source = self._voice(speaker) if speaker is not None else None
        self._switch.turn(speaker, self._source)

    def _ended(self, speech: Speech) -> None:
        ahead = self._wall() - self._monotonic()
        said = Said(
            self.name,
            speech.member,
            round(speech.since + ahead, 3),
            round(speech.until + ahead, 3),
            speech.emergency,
            speech.ended.value,
        )
        log.info("talk.spoke", group=self.name, member=said.member, seconds=round(said.until - said.since, 1))
        tape, self._tape = self._tape, None
        if tape is not None:
            self._switch.untap(tape)
            tape.end(said)

    def _say(self, session: str, word: ToMember) -> None:
        post = self.posts.get(session)
        if post is None:
            return
        post.say(word)
        match word:
            case Closed():
                self._end(post)
            case Replaced() if post.purpose is Purpose.TALK:
                self._end(post)
