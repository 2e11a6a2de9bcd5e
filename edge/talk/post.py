"""One connection to a talk group, and the way words take to whoever is at its other end."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from relay.floor_words import ToMember, write
from relay.media.peer import Peer
from relay.media.policy import Purpose
from relay.media.stream import Kind
from relay.media.switch import Outlet, Source
from relay.talk import Member

log = structlog.get_logger()

# Words kept until there is a way to say them: the channel opens a moment after the connection stands. The roster of a
# full group and what happens meanwhile are fewer; of those that never listen, only the newest are worth keeping.
_PENDING = 32

Way = Callable[[str], bool]
"""Takes a floor message; False: not now."""


@dataclass(slots=True, eq=False)
class Post:
    """session: its address. guest: what its member is, where the group does not name it.

    hears: as whom the switch knows its outlet; None where it hears no floor. follows: whose pictures and sound it gets
    where it watches a member.
    """

    session: str
    purpose: Purpose
    member: str | None
    guest: Member | None
    peer: Peer
    hears: str | None = None
    follows: dict[Kind, Source | None] = field(default_factory=dict)
    _by_letter: Way | None = None
    _pending: deque[str] = field(default_factory=lambda: deque(maxlen=_PENDING))

    @property
    def joins(self) -> bool:
        """Whether it makes its member one of the group; who watches is none."""
        return self.purpose is not Purpose.WATCH

    def source(self, kind: Kind) -> Source | None:
        return self.peer.sources.get(kind)

    def outlet(self, kind: Kind) -> Outlet | None:
        return self.peer.outlets.get(kind)

    def say(self, word: ToMember) -> None:
        """Over the data channel, else by letter, else later."""
        text = write(word)
        if self._pending or not self._said(text):
            self._pending.append(text)

    def flush(self) -> None:
        """A way has opened: what waits goes first."""
        while self._pending and self._said(self._pending[0]):
            self._pending.popleft()

    def write_to(self, way: Way) -> None:
        """Words may go by letter from now on; the data channel stays the first choice."""
        self._by_letter = way
        self.flush()

    def _said(self, text: str) -> bool:
        return self.peer.say(text) or (self._by_letter is not None and self._by_letter(text))
