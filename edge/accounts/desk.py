"""Accounts in the daemon: logging in at a bearable pace, sessions, tokens; every change is put on record."""

import asyncio
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, Self, TypeVar

import structlog

from edge.accounts import problems
from edge.accounts.attempts import Attempts, neighbourhood
from edge.accounts.file import FILE, AccountsFile, Token, User, checked_cameras, checked_name
from edge.accounts.problems import AccountRefused
from edge.accounts.roles import Act, Asker, Role
from edge.accounts.secrecy import hashed, matches, secret
from edge.orders.audit import Audit, AuditLine, Outcome
from edge.wire import rfc3339
from streams.problem import Problem

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

AUDIT = "accounts.jsonl"
_WINDOW = 900.0  # s
_PER_ADDRESS = 10  # failures: a person who has forgotten
_PER_ACCOUNT = 30  # more, so that one stranger cannot lock somebody out from one address
_AT_ONCE = 8  # passwords waiting to be checked: one after the other at 64 MiB and 0.1 s each
_SHORTEST, _LONGEST = 10, 128  # characters of a password; longer ones only cost time


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was opened. secret: for the cookie."""

    secret: str
    user: User


class Accounts:
    """Safe to call from any task of one event loop. Methods raise AccountRefused and edge.store.StoreError."""

    def __init__(self, storage: Path, file: AccountsFile, thread: ThreadPoolExecutor) -> None:
        self._file, self._thread = file, thread
        self._audit = Audit(storage / AUDIT)
        self._addresses = Attempts(_PER_ADDRESS, _WINDOW)
        self._names = Attempts(_PER_ACCOUNT, _WINDOW)
        self._hashing = 0
        self._hasher = ThreadPoolExecutor(1, "passwords")
        self.clock: Callable[[], float] = time.time

    @classmethod
    async def open(cls, storage: Path) -> Self:
        """storage: the box's. Logs the code of the first start while nobody has an account."""
        thread = ThreadPoolExecutor(1, "accounts")
        loop = asyncio.get_running_loop()
        try:
            file = await loop.run_in_executor(thread, AccountsFile.open, storage / FILE)
        except BaseException:
            thread.shutdown(wait=False)
            raise
        desk = cls(storage, file, thread)
        await desk.announce()
        return desk

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._call(self._file.close)
        for thread in (self._hasher, self._thread):
            thread.shutdown(wait=False)

    @property
    def mended(self) -> Problem | None:
        return self._file.mended

    async def announce(self) -> None:
        """The one secret that is printed: it opens nothing but an empty box, for an hour."""
        first = await self._call(self._file.first_code, self.clock())
        if first is not None:
            log.warning("accounts.first_start", code=first[0], until=rfc3339(first[1]))

    async def begin(self, code: str, name: str, password: str, address: str) -> Opened:
        """The first administrator, logged in."""
        _check(name, password)
        where = self._admitted(address, "")
        kept = await self._hash(password)
        try:
            await self._call(self._file.begin, code, name, kept, self.clock())
        except AccountRefused:
            self._addresses.failed(where, self.clock())
            await self._record("user:", "account.begin", "", "refused")
            raise
        await self._record(f"user:{name}", "account.begin", name)
        return await self._open(name, kept)

    async def log_in(self, name: str, password: str, address: str) -> Opened:
        where = self._admitted(address, name)
        kept = (
            await self._call(self._file.hash_of, name)
            if _is_name(name) and len(password) <= _LONGEST
            else None
        )
        shown = name if kept is not None else ""  # what is typed there is at times a password
        if not await self._hashed(matches, kept, password[:_LONGEST]) or kept is None:
            self._addresses.failed(where, self.clock())
            self._names.failed(name[:64], self.clock())
            await self._record(f"user:{shown}", "account.login", where, "refused")
            raise problems.wrong()
        self._addresses.passed(where)
        await self._record(f"user:{name}", "account.login", where)
        return await self._open(name, kept)

    async def log_out(self, session: str) -> None:
        await self._call(self._file.log_out, session)

    async def holder(self, session: str, *, used: bool = True) -> User | None:
        """used: by a person, not by a page that is left open."""
        return await self._call(self._file.holder, session, self.clock(), used=used)

    async def bearer(self, token: str) -> Asker | None:
        found = await self._call(self._file.bearer, token, self.clock())
        return None if found is None else found.asker

    async def users(self) -> list[User]:
        return await self._call(self._file.users)

    async def tokens(self) -> list[Token]:
        return await self._call(self._file.tokens)

    async def add(self, by: Asker, name: str, password: str, role: Role, cameras: Iterable[str]) -> None:
        _check(name, password)
        places, kept = checked_cameras(cameras), await self._hash(password)
        await self._call(self._file.add, name, kept, role, places, self.clock())
        await self._record(by.name, "account.add", name)

    async def change_password(self, by: Asker, name: str, password: str) -> None:
        """Ends every session of that account."""
        _check(name, password)
        await self._call(self._file.set_password, name, await self._hash(password))
        await self._record(by.name, "account.password", name)

    async def disable(self, by: Asker, name: str, *, disabled: bool) -> None:
        await self._call(self._file.disable, name, disabled=disabled)
        await self._record(by.name, "account.disable" if disabled else "account.enable", name)

    async def entitle(
        self, by: Asker, name: str, role: Role | None = None, cameras: Iterable[str] | None = None
    ) -> None:
        """Another role, other cameras; None: stays."""
        places = None if cameras is None else checked_cameras(cameras)
        await self._call(self._file.entitle, name, role, places)
        await self._record(by.name, "account.entitle", name)

    async def issue(
        self,
        by: Asker,
        name: str,
        role: Role,
        scopes: Iterable[Act],
        cameras: Iterable[str],
        until: float | None,
    ) -> str:
        """A new token's secret: it is told this once."""
        made = secret()
        token = Token(
            checked_name(name), role, frozenset(scopes), checked_cameras(cameras), self.clock(), until
        )
        await self._call(self._file.issue, token, made)
        await self._record(by.name, "token.issue", name)
        return made

    async def revoke(self, by: Asker, name: str) -> None:
        await self._call(self._file.revoke, name)
        await self._record(by.name, "token.revoke", name)

    async def _open(self, name: str, kept: str) -> Opened:
        session = secret()
        user = await self._call(self._file.log_in, session, name, kept, self.clock())
        return Opened(session, user)

    def _admitted(self, address: str, name: str) -> str:
        """Where the asker sits. Raises AccountRefused where there were too many wrong tries."""
        where, now = neighbourhood(address), self.clock()
        wait = max(self._addresses.wait(where, now), self._names.wait(name[:64], now) if name else 0.0)
        if wait > 0:
            raise problems.too_often(wait)
        return where

    async def _hash(self, password: str) -> str:
        return await self._hashed(hashed, password)

    async def _hashed(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """On a thread of its own: nobody who is logged in waits for somebody who logs in."""
        if self._hashing >= _AT_ONCE:
            raise problems.busy()
        self._hashing += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._hasher, lambda: work(*args, **kwargs))
        finally:
            self._hashing -= 1

    async def _record(self, who: str, what: str, about: str, outcome: Outcome = "done") -> None:
        line = AuditLine(time=rfc3339(self.clock()), who=who, command=what, id=about, outcome=outcome)
        log.info(what, who=who, about=about, outcome=outcome)
        await self._call(self._audit.write, line)

    async def _call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(*args, **kwargs))


def check_password(name: str, password: str) -> None:
    """Raises AccountRefused."""
    if not _SHORTEST <= len(password) <= _LONGEST or password.casefold() == name.casefold():
        raise problems.bad_password()


def _check(name: str, password: str) -> None:
    checked_name(name)
    check_password(name, password)


def _is_name(name: str) -> bool:
    try:
        checked_name(name)
    except AccountRefused:
        return False
    return True
