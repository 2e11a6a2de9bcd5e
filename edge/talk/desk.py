"""Where letters about talk are answered: the same sessions as over HTTP, opened, changed and closed by MQTT."""

import asyncio
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from edge.commands import Address, Asked, Commands
from edge.talk import letters
from edge.talk.calls import Call
from edge.talk.letters import FRESH, Answer, AnyLetter
from edge.talk.problems import cannot_reply, failed, stale
from edge.talk.service import Talk
from edge.talk.switchboard import Switchboard
from relay.floor_words import write
from relay.media.policy import IceServer
from relay.sdpfrag import Fragment
from relay.sessions import Session, Sessions
from relay.signalling import Kind, Place, Turned, verdict
from relay.token_problems import not_for_this
from relay.tokens import Grant, TokenRefused, Tokens
from relay.wish import Wish
from streams.problem import Problem, ProblemError

log = structlog.get_logger()

_EXPIRY = int(FRESH)  # s after which nobody waits for an answer
_REMEMBERED = 256  # letters whose repeats are recognised; of each for so long as it is fresh


@dataclass(slots=True)
class Desk:
    """clock: s since 1970. All on the loop's thread."""

    talk: Talk
    sessions: Sessions
    tokens: Tokens
    clock: Callable[[], float] = time.time
    _done: "OrderedDict[bytes, asyncio.Future[Answer]]" = field(default_factory=OrderedDict)

    async def take(self, asked: Asked) -> None:
        """The handler of cmd/talk."""
        outside = letters.envelope(asked.payload)
        to = asked.reply or (Address(outside.reply_to) if outside.reply_to else None)
        answer = await self._once(asked, to)
        if to is None or not asked.send(to, _json({"v": 1, "id": outside.id, **answer}), _EXPIRY):
            log.warning("talk.unanswered", id=outside.id, ok=answer["ok"], code=cannot_reply().code)

    async def _once(self, asked: Asked, to: Address | None) -> Answer:
        """A letter that comes twice is done once, and answered twice alike."""
        try:
            letter = letters.read(asked.payload)
        except Turned as turned:
            return _refusal(turned)
        key = _key(letter)
        known = self._done.get(key)
        if known is not None:
            return await asyncio.shield(known)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._done[key] = answer
        while len(self._done) > _REMEMBERED:
            self._done.popitem(last=False)
        try:
            answer.set_result(await self._answer(letter, asked, to))
        finally:
            answer.cancel()  # whoever waits for a letter that was given up is not left waiting
        return answer.result()

    async def _answer(self, letter: AnyLetter, asked: Asked, to: Address | None) -> Answer:
        age = self.clock() - letter.at
        try:
            if abs(age) > FRESH:
                raise Turned(Kind.STALE, stale(age))
            return {"ok": True, **await self._obey(letter, asked, to)}
        except ProblemError as error:
            return _refusal(error)
        except Exception:  # a defect is answered too: who asked must not wait for nothing
            log.exception("talk.letter_failed", op=letter.op)
            return _refused(Kind.BUSY, failed(), None)

    async def _obey(self, letter: AnyLetter, asked: Asked, to: Address | None) -> Answer:
        """Raises ProblemError."""
        match letter:
            case letters.Open():
                return await self._open(letter, asked, to)
            case letters.Trickle():
                return await self._trickle(letter)
            case letters.Close():
                await self.sessions.close(self._session(letter.session, letter))
                return {}
            case letters.Floor():
                return self._floor(letter, asked, to)
            case letters.Call() | letters.Decline() | letters.Places():
                return self._without_session(letter)

    def _without_session(self, letter: letters.Call | letters.Decline | letters.Places) -> Answer:
        """Raises ProblemError."""
        match letter:
            case letters.Call():
                return self._call(letter)
            case letters.Decline():
                self._switchboard.decline(self._grant(letter), letter.call, letter.member)
                return {}
            case letters.Places():
                return self._places(self._grant(letter))

    async def _open(self, letter: letters.Open, asked: Asked, to: Address | None) -> Answer:
        grant = self._grant(letter)
        wish = Wish(letter.purpose, letter.group, letter.member, letter.camera)
        if not grant.allows(wish):
            raise Turned(Kind.FORBIDDEN, not_for_this())
        session = await self.sessions.open(wish, letter.offer, grant)
        self._write_to(session.id, asked, to)
        return {
            "session": session.id,
            "etag": session.etag,
            "answer": session.answer,
            "ice": [_server(server) for server in session.ice],
        }

    async def _trickle(self, letter: letters.Trickle) -> Answer:
        session = self._session(letter.session, letter)
        fragment = Fragment(letter.ufrag, letter.pwd, letter.candidates, letter.end)
        ours = await self.sessions.patch(session, fragment, if_match=letter.etag or session.etag)
        return {} if ours is None else {"ufrag": ours.ufrag, "pwd": ours.pwd, "etag": session.etag}

    def _floor(self, letter: letters.Floor, asked: Asked, to: Address | None) -> Answer:
        session = self._session(letter.session, letter)
        self._write_to(session.id, asked, to)
        self.talk.receive(session.id, write(letter.message))
        return {}

    def _write_to(self, session: str, asked: Asked, to: Address | None) -> None:
        """What the floor says to this session goes where its letters are answered."""
        if to is None:
            return

        def way(text: str) -> bool:
            return asked.send(to, _json({"v": 1, "session": session, "word": json.loads(text)}), _EXPIRY)

        self.talk.write_to(session, way)

    def _call(self, letter: letters.Call) -> Answer:
        ticket = self._switchboard.call(
            self._grant(letter), letter.caller, letter.callee, letter.members, letter.subject
        )
        return {"call": ticket.call, "token": ticket.token}

    def _places(self, grant: Grant) -> Answer:
        known = self.talk.directory()
        return {
            "name": grant.name,
            "groups": [_shown(place) for place in known.groups if grant.sees_group(place.name)],
            "cameras": [_shown(place) for place in known.cameras if grant.sees_camera(place.name)],
        }

    def _grant(self, letter: AnyLetter) -> Grant:
        """Raises TokenRefused."""
        return self.tokens.check(letter.token.get_secret_value(), self.clock())

    def _session(self, ident: str, letter: AnyLetter) -> Session:
        """A session goes on being its holder's, the token's time over or not. Raises TokenRefused, Turned."""
        return self.sessions.get(ident, self.tokens.holder(letter.token.get_secret_value()))

    @property
    def _switchboard(self) -> Switchboard:
        return Switchboard(self.talk)


def ringing(commands: Commands) -> Callable[[str, Call], None]:
    """What makes a call ring at a member who may not be connected: call/{member} of the site's topic."""

    def ring(member: str, call: Call) -> None:
        told = {**json.loads(write(call)), "at": round(time.time(), 3)}
        expiry = min(_EXPIRY, int(call.seconds))
        if not commands.tell("call", member, payload=_json(told), expiry=expiry):
            log.warning("talk.not_rung", call=call.call, member=member)

    return ring


def _key(letter: AnyLetter) -> bytes:
    """Who else takes the same id is somebody else."""
    return hashlib.sha256(f"{letter.id}\0{letter.token.get_secret_value()}".encode()).digest()


def _refusal(error: ProblemError) -> Answer:
    if isinstance(error, TokenRefused):
        return _refused(Kind.FORBIDDEN, error.problem, None)
    kind, wait = verdict(error)
    return _refused(kind, error.problem, wait)


def _refused(kind: Kind, problem: Problem, wait: float | None) -> Answer:
    said = {
        language: {"what": problem.what.say(language), "do": problem.do.say(language)}
        for language in ("en", "zh")
    }
    later = {} if wait is None else {"retry_after": wait}
    return {"ok": False, "kind": kind.value, "code": problem.code, **later, **said}


def _server(server: IceServer) -> Answer:
    login = {"username": server.username, "credential": server.credential}
    return {"urls": list(server.urls), **{name: value for name, value in login.items() if value is not None}}


def _shown(place: Place) -> Answer:
    members = [{"name": one.name, "role": one.role.value} for one in place.members]
    shown: Answer = {"name": place.name, "title": place.title, "members": members}
    return shown if place.kind is None else {**shown, "kind": place.kind}


def _json(content: Answer) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
