"""Where orders come in, whichever way: checked, put on record, carried out once, answered."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from pydantic import JsonValue, ValidationError

from edge.orders import problems
from edge.orders.audit import AuditLine, Outcome, files_of
from edge.orders.box import Box, Call, Who
from edge.orders.course import Course
from edge.orders.ledger import REMEMBERED, Entry, digest
from edge.orders.probation import Probation
from edge.orders.problems import OrderRefused
from edge.orders.registry import Command, commands
from edge.orders.scribe import Scribe
from edge.orders.trial import Note
from edge.orders.words import Accepted, Answer, Done, Failed, Final, Order, Progress, Refused, said
from edge.wire import rfc3339
from streams.problem import Problem, ProblemError

log = structlog.get_logger()

_AT_ONCE = 16  # orders under way: a few dispatchers; each may hold a worker's errand
_ALIKE = 8  # of one command: clips that are yet to come must not keep a camera from being stopped
_LONGEST = 960.0  # s: a clip of ten minutes that is yet to come, begins five from now, and has to be written

Late = Callable[[Entry, Answer], None]


@dataclass(frozen=True, slots=True)
class Way:
    """How an order came. until: s since 1970, where the way itself says when it expires. back: where answers go, in
    the way's own words; kept for those after a restart. correlation: for the audit."""

    until: float | None = None
    back: str = ""
    correlation: str = ""


DIRECT = Way()


class Orders:
    """`run` it beside whatever asks, again after it failed. refused: orders of which nothing was done."""

    def __init__(
        self,
        box: Box,
        scribe: Scribe,
        probation: Probation | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """probation: of the site file, where it can be changed by order."""
        self._box, self._scribe, self._probation, self._clock = box, scribe, probation, clock
        self._courses: dict[tuple[str, str], Course] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._late: dict[str, Late] = {}
        self.refused = 0

    async def run(self) -> None:
        """Until it is cancelled; what is under way then, the next one tells as interrupted. Raises StoreError."""
        await self._scribe.open()
        try:
            await self._settle()
            await asyncio.Event().wait()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._scribe.close()

    def answers_late(self, who: str, late: Late) -> None:
        """Where answers go to orders of this asker that a process before this one was given."""
        self._late[who] = late

    async def ask(
        self, name: str, fields: Mapping[str, JsonValue], who: Who, way: Way = DIRECT
    ) -> AsyncIterator[Answer]:
        """Accepted, Progress ..., and one that is final. It is carried out whether or not anybody goes on listening;
        if the box stops meanwhile, there is none that is final."""
        try:
            course = await self._course(name, fields, who, way)
        except OrderRefused as refused:
            yield await self._turned_away(name, fields, who, way, refused)
            return
        async for answer in course.follow():
            yield answer

    async def turn_away(self, name: str, who: Who, way: Way, problem: Problem) -> Answer:
        """What the way itself refuses, before it was read."""
        return await self._turned_away(name, {}, who, way, OrderRefused(problem))

    async def note(self, name: str, who: Who, way: Way, ident: str) -> None:
        """An order that is carried out elsewhere, for the audit."""
        await self._audit(_entry_of(name, ident, who, way), "accepted")

    async def _course(self, name: str, fields: Mapping[str, JsonValue], who: Who, way: Way) -> Course:
        """The one under way, or a new one. Raises OrderRefused."""
        command = commands().get(name)
        if command is None:
            raise OrderRefused(problems.unknown())
        if command.permission not in who.may:
            raise OrderRefused(problems.forbidden(command.permission.value))
        request, mark = _read(command, fields), digest(name, fields)
        known = None if command.reads else await self._known(who.name, request.id)
        if known is None:
            return self._begun(command, request, who, way, mark)
        if known.digest != mark:
            raise OrderRefused(problems.reused())
        return known

    async def _known(self, who: str, ident: str) -> Course | None:
        """Raises OrderRefused."""
        if (course := self._courses.get((who, ident))) is not None:
            return course
        found = await self._scribe.find(who, ident)
        if (course := self._courses.get((who, ident))) is not None:
            return course
        if found is None:
            return None
        entry, answer = found
        if answer is None:  # left by the process before this one, and about to be told
            raise OrderRefused(problems.not_ready())
        return Course(entry.command, entry.digest, answer)

    def _begun(self, command: Command, request: Order, who: Who, way: Way, mark: str) -> Course:
        """Raises OrderRefused where it is not wanted any more, or too much is under way."""
        now = self._clock()
        limits = [limit for limit in (way.until, request.expires) if limit is not None]
        if not limits:
            raise OrderRefused(problems.undated())
        until = min(limits)
        if until <= now:
            raise OrderRefused(problems.expired())
        if until > now + REMEMBERED:
            raise OrderRefused(problems.too_far())
        alike = sum(course.command == command.name for course in self._courses.values())
        if len(self._courses) >= _AT_ONCE or alike >= _ALIKE:
            raise OrderRefused(problems.busy())
        entry = Entry(who.name, request.id, mark, command.name, now, until, way.back, way.correlation)
        course = self._courses[who.name, request.id] = Course(command.name, mark)
        self._spawn(self._carry_out(command, request, who, entry, course))
        return course

    async def _carry_out(
        self, command: Command, request: Order, who: Who, entry: Entry, course: Course
    ) -> None:
        try:
            course.say(await self._carried_out(command, request, who, entry, course))
        finally:
            self._courses.pop((entry.who, entry.id), None)
            course.close()

    async def _carried_out(
        self, command: Command, request: Order, who: Who, entry: Entry, course: Course
    ) -> Final:
        camera = getattr(request, "camera", None)
        try:
            if not command.reads:
                await self._scribe.begin(entry)
        except OrderRefused as refused:
            self.refused += 1
            return await self._audited(entry, self._refusal(entry, refused), camera)
        await self._audit(entry, "accepted", camera=camera)
        course.say(Accepted(**self._head(entry)))
        call = Call(request.id, who, partial(self._progressed, entry, course))
        final = await self._result(command, request, call, entry)
        if not command.reads:
            await self._scribe.finish(entry, final)
        return await self._audited(entry, final, camera)

    async def _result(self, command: Command, request: Order, call: Call, entry: Entry) -> Final:
        try:
            async with asyncio.timeout(_LONGEST):
                response = await command.handle(request, self._box, call)
        except OrderRefused as refused:
            self.refused += 1
            return self._refusal(entry, refused)
        except ProblemError as error:
            return self._failure(entry, error.problem)
        except TimeoutError:
            return self._failure(entry, problems.too_long())
        except Exception:  # a defect in one command is answered too, and ends nothing else
            log.exception("orders.defect", command=command.name)
            return self._failure(entry, problems.defect())
        return Done(**self._head(entry), result=response.model_dump(mode="json", by_alias=True))

    async def _settle(self) -> None:
        """Tell what the process before this one left unanswered, and what comes of a site file on trial."""
        note = self._probation.trial.note if self._probation is not None else None
        for entry in await self._scribe.unfinished():
            if note is None or (note.who, note.id) != (entry.who, entry.id):
                await self._told(entry, self._failure(entry, problems.interrupted()))
        if self._probation is None:
            return
        judged = await self._probation.over()
        if judged is None:
            return
        for entry in await self._scribe.unfinished():
            if (judged.who, judged.id) == (entry.who, entry.id):
                await self._told(entry, self._verdict(entry, judged))
        self._probation.trial.forget()

    async def _told(self, entry: Entry, final: Final) -> None:
        await self._scribe.finish(entry, final)
        await self._audited(entry, final, None)
        if (late := self._late.get(entry.who)) is not None:
            late(entry, final)

    def _verdict(self, entry: Entry, note: Note) -> Final:
        if note.why is not None:
            return self._failure(entry, note.why.problem)
        return Done(**self._head(entry), result=note.result)

    async def _turned_away(
        self, name: str, fields: Mapping[str, JsonValue], who: Who, way: Way, refused: OrderRefused
    ) -> Answer:
        self.refused += 1
        ident = fields.get("id")
        shown = ident if isinstance(ident, str) and len(ident) <= 64 else ""
        entry = _entry_of(name if name in commands() else "", shown, who, way)
        return await self._audited(entry, self._refusal(entry, refused), None)

    async def _audited(self, entry: Entry, final: Final, camera: str | None) -> Final:
        code = None if isinstance(final, Done) else final.code
        files = files_of(final.result) if isinstance(final, Done) else ()
        await self._audit(entry, final.state, code=code, camera=camera, files=files)
        return final

    async def _audit(self, entry: Entry, outcome: Outcome, **more: Any) -> None:
        line = AuditLine(
            time=rfc3339(self._clock()),
            who=entry.who,
            command=entry.command,
            id=entry.id,
            outcome=outcome,
            correlation=entry.correlation,
            **more,
        )
        await self._scribe.audit(line)

    def _progressed(self, entry: Entry, course: Course, share: float) -> None:
        course.say(Progress(**self._head(entry), share=round(share, 3)))

    def _refusal(self, entry: Entry, refused: OrderRefused) -> Refused:
        return Refused(**self._head(entry), **said(refused.problem), findings=refused.findings)

    def _failure(self, entry: Entry, problem: Problem) -> Failed:
        return Failed(**self._head(entry), **said(problem))

    def _head(self, entry: Entry) -> dict[str, Any]:
        return {"id": entry.id, "command": entry.command, "time": rfc3339(self._clock())}

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _read(command: Command, fields: Mapping[str, JsonValue]) -> Order:
    """Raises OrderRefused."""
    try:
        return command.request.model_validate(dict(fields))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        known = command.request.model_fields
        raise OrderRefused(problems.malformed(field if field in known else "")) from None


def _entry_of(name: str, ident: str, who: Who, way: Way) -> Entry:
    """Of what is not put on record, for its answer and the audit."""
    return Entry(who.name, ident, "", name, 0.0, 0.0, way.back, way.correlation)
