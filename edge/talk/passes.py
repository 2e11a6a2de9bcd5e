"""Passes of those who are signed in to the console, and the end of all that was opened by them."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import structlog

from edge.passes import Holder, Pass
from edge.settings.talk import GroupSettings
from edge.talk.calls import Calls
from relay.sessions import Sessions
from relay.tokens import Right, Scope, Tokens
from streams.problem import ProblemError

log = structlog.get_logger()

_LIVES = (
    300.0  # s: what somebody copies out of a page is soon worth nothing; the page asks for another in time
)
_LOOK = 15.0  # s: so long somebody who may not any more goes on seeing, as in the console's other pages


@dataclass(frozen=True, slots=True)
class Seat:
    """An account in talk-back: as whom it speaks, and in which groups."""

    member: str
    groups: frozenset[str]


class Passes:
    """`run` it beside the sessions. clock: s since 1970."""

    def __init__(
        self,
        tokens: Tokens,
        sessions: Sessions,
        calls: Calls,
        groups: Iterable[GroupSettings],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._tokens, self._sessions, self._calls, self._clock = tokens, sessions, calls, clock
        self._seats = seats(groups)
        self._held: dict[
            str, tuple[Holder, float]
        ] = {}  # by a token's name; until when its last one opens something

    def issue(self, holder: Holder) -> Pass:
        now = self._clock()
        name = f"{holder.name}.{holder.key}"
        self._held[name] = holder, now + _LIVES
        return Pass(self._tokens.lend(name, self._scope(holder), now, _LIVES), _LIVES)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            await self.look()

    async def look(self) -> None:
        """Whoever is not signed in any more is hung up, and let in no more."""
        for name, (holder, until) in list(self._held.items()):
            good = await _still(holder)
            if not good:
                self._tokens.recall(name)
                await self._sessions.close_of(name)
            # One that is being answered just now is looked at again when it stands.
            if (not good or until <= self._clock()) and not self._sessions.holds(name):
                self._held.pop(name)

    def _scope(self, holder: Holder) -> Scope:
        cameras, seat = tuple(sorted(holder.cameras)), self._seats.get(holder.account or "")
        if seat is None:
            return Scope(may=(Right.WATCH,), cameras=cameras)
        # Its calls too, so that its part in them ends with its sign-in: the token that rings does not.
        groups = tuple(sorted(seat.groups | self._calls.of(seat.member)))
        return Scope(may=(Right.WATCH, Right.SPEAK), groups=groups, members=(seat.member,), cameras=cameras)


def seats(groups: Iterable[GroupSettings]) -> Mapping[str, Seat]:
    """By account. edge.settings.talk.TalkSettings sees to it that each is one member, whatever the group."""
    found: dict[str, Seat] = {}
    for group in groups:
        for member in group.members:
            for account in member.accounts:
                known = found[account].groups if account in found else frozenset()
                found[account] = Seat(member.name, known | {group.name})
    return found


async def _still(holder: Holder) -> bool:
    try:
        return await holder.still()
    except ProblemError as error:  # who cannot be asked about is not let in either
        log.warning("pass.unknown", who=holder.name, why=str(error))
        return False
