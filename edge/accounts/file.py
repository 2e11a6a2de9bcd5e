"""accounts.sqlite: users, sessions, tokens, the code of the first start. Synchronous, for one thread."""

import json
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from edge.accounts import problems
from edge.accounts.roles import ANYWHERE, Act, Asker, Role
from edge.accounts.secrecy import code, digest, same
from edge.store import Layout, mapped, open_beside, open_store, transaction
from streams.problem import Problem, Text

FILE = "accounts.sqlite"
IDLE = 3600.0  # s: a phone left on a desk
LONGEST = 12 * 3600.0  # s: a shift
CODE_LIVES = 3600.0  # s: somebody stands at the box while it starts
_SEEN = 60.0  # s between two notes that a session is used: a memory card counts its writes
_SESSIONS = 200  # the ones not used longest go
_NAME = re.compile(r"[\w](?:[\w.-]{0,62}\w)?")

LAYOUT = Layout(
    "accounts",
    Text("the list of accounts", "账户库"),
    (
        """
CREATE TABLE users (
    name TEXT PRIMARY KEY, hash TEXT NOT NULL, role TEXT NOT NULL, cameras TEXT NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0, created REAL NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
    digest BLOB PRIMARY KEY, user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    began REAL NOT NULL, seen REAL NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user);
CREATE TABLE tokens (
    name TEXT PRIMARY KEY, digest BLOB NOT NULL UNIQUE, role TEXT NOT NULL, scopes TEXT NOT NULL,
    cameras TEXT NOT NULL, created REAL NOT NULL, until REAL) STRICT, WITHOUT ROWID;
CREATE TABLE first (code TEXT NOT NULL, until REAL NOT NULL) STRICT;
""",
    ),
)


@dataclass(frozen=True, slots=True)
class User:
    """created: s since 1970."""

    name: str
    role: Role
    cameras: frozenset[str]
    disabled: bool
    created: float

    @property
    def asker(self) -> Asker:
        return Asker(f"user:{self.name}", self.role, self.cameras)

    def shown(self) -> dict[str, object]:
        """As JSON."""
        return {
            "name": self.name,
            "role": self.role.value,
            "cameras": sorted(self.cameras),
            "disabled": self.disabled,
        }


@dataclass(frozen=True, slots=True)
class Token:
    """until: s since 1970; None: for good."""

    name: str
    role: Role
    scopes: frozenset[Act]
    cameras: frozenset[str]
    created: float
    until: float | None

    @property
    def asker(self) -> Asker:
        return Asker(f"token:{self.name}", self.role, self.cameras, self.scopes)


def checked_name(name: str) -> str:
    """Raises AccountRefused."""
    if not _NAME.fullmatch(name):
        raise problems.bad_name()
    return name


def checked_cameras(cameras: Iterable[str]) -> frozenset[str]:
    """Raises AccountRefused."""
    found = frozenset(cameras)
    if not found or not all(each == ANYWHERE or _NAME.fullmatch(each) for each in found):
        raise problems.bad_cameras()
    return found


class AccountsFile:
    """Every method raises edge.store.StoreError or AccountRefused, and has then changed nothing. Times are s since
    1970."""

    def __init__(self, db: sqlite3.Connection, mended: Problem | None = None) -> None:
        self._db, self.mended = db, mended

    @classmethod
    def open(cls, path: Path) -> Self:
        """For the daemon."""
        return cls(*open_store(path, LAYOUT))

    @classmethod
    def beside(cls, path: Path) -> Self:
        """For the command line, beside the daemon or without it."""
        db = open_beside(path, LAYOUT, write=True)
        db.execute("PRAGMA foreign_keys = ON")
        return cls(db)

    def close(self) -> None:
        with mapped(LAYOUT):
            self._db.close()

    def users(self) -> list[User]:
        with mapped(LAYOUT):
            return [_user(row) for row in self._db.execute(f"{_USERS} ORDER BY name")]

    def tokens(self) -> list[Token]:
        with mapped(LAYOUT):
            return [_token(row) for row in self._db.execute(f"{_TOKENS} ORDER BY name")]

    def hash_of(self, name: str) -> str | None:
        """None: there is no such account, or nobody may use it."""
        with mapped(LAYOUT):
            query = "SELECT hash FROM users WHERE name = ? AND NOT disabled"
            row = self._db.execute(query, (name,)).fetchone()
        return None if row is None else str(row[0])

    def first_code(self, now: float, *, renew: bool = False) -> tuple[str, float] | None:
        """The code of the first start and until when it holds, made where there is none; None: there are users."""
        with transaction(self._db, LAYOUT):
            if self._count():
                return None
            row = self._db.execute("SELECT code, until FROM first WHERE until > ?", (now,)).fetchone()
            # A clock that was set back would keep a code for longer than it is meant to live.
            if row is None or renew or row[1] > now + CODE_LIVES:
                row = (code(), now + CODE_LIVES)
                self._db.execute("DELETE FROM first")
                self._db.execute("INSERT INTO first VALUES (?, ?)", row)
        return str(row[0]), float(row[1])

    def begin(self, code: str, name: str, hashed: str, now: float) -> None:
        """The first administrator, by the code, which is then used up."""
        with transaction(self._db, LAYOUT):
            if self._count():
                raise problems.begun()
            row = self._db.execute("SELECT code FROM first WHERE until > ?", (now,)).fetchone()
            if row is None or not same(row[0], code.strip().upper()):
                raise problems.wrong_code()
            self._insert(name, hashed, Role.ADMIN, frozenset({ANYWHERE}), now)
            self._db.execute("DELETE FROM first")

    def add(self, name: str, hashed: str, role: Role, cameras: frozenset[str], now: float) -> None:
        with transaction(self._db, LAYOUT):
            if self._db.execute("SELECT 1 FROM users WHERE name = ?", (name,)).fetchone():
                raise problems.known()
            self._insert(name, hashed, role, cameras, now)
            self._db.execute("DELETE FROM first")

    def set_password(self, name: str, hashed: str) -> None:
        """Whoever is logged in under the old one is logged out."""
        with transaction(self._db, LAYOUT):
            if not self._db.execute("UPDATE users SET hash = ? WHERE name = ?", (hashed, name)).rowcount:
                raise problems.unknown()
            self._db.execute("DELETE FROM sessions WHERE user = ?", (name,))

    def disable(self, name: str, *, disabled: bool) -> None:
        """Whoever is logged in under it is logged out."""
        with transaction(self._db, LAYOUT):
            self._change("UPDATE users SET disabled = ? WHERE name = ?", disabled, name)
            self._db.execute("DELETE FROM sessions WHERE user = ?", (name,))

    def entitle(self, name: str, role: Role | None, cameras: frozenset[str] | None) -> None:
        """What is not None is another from now on, in sessions that are open too."""
        with transaction(self._db, LAYOUT):
            if role is not None:
                self._change("UPDATE users SET role = ? WHERE name = ?", role, name)
            if cameras is not None:
                kept = json.dumps(sorted(cameras))
                self._change("UPDATE users SET cameras = ? WHERE name = ?", kept, name)

    def _change(self, change: str, value: object, name: str) -> None:
        """Of one account; there has to be an administrator for all cameras left."""
        if not self._db.execute(change, (value, name)).rowcount:
            raise problems.unknown()
        if self._db.execute(_ADMINS).fetchone() == (0,):
            raise problems.last_admin()

    def log_in(self, session: str, name: str, hashed: str, now: float) -> User:
        """hashed: what the password was checked against; another one by now is refused."""
        with transaction(self._db, LAYOUT):
            query = f"{_USERS} WHERE name = ? AND hash = ? AND NOT disabled"
            row = self._db.execute(query, (name, hashed)).fetchone()
            if row is None:
                raise problems.wrong()
            self._forget(now)
            self._db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", (digest(session), name, now, now))
        return _user(row)

    def log_out(self, session: str) -> None:
        with transaction(self._db, LAYOUT):
            self._db.execute("DELETE FROM sessions WHERE digest = ?", (digest(session),))

    def holder(self, session: str, now: float, *, used: bool = True) -> User | None:
        """Whose session it is, if it goes on. used: by a person, who keeps it from idling out."""
        key = digest(session)
        with mapped(LAYOUT):
            query = "SELECT user, began, seen FROM sessions WHERE digest = ?"
            row = self._db.execute(query, (key,)).fetchone()
            if row is None or not _goes_on(row[1], row[2], now):
                return None
            user = self._db.execute(f"{_USERS} WHERE name = ? AND NOT disabled", (row[0],)).fetchone()
        if user is None:
            return None
        if used and now - row[2] >= _SEEN:
            with transaction(self._db, LAYOUT):
                self._db.execute("UPDATE sessions SET seen = ? WHERE digest = ?", (now, key))
        return _user(user)

    def issue(self, token: Token, secret: str) -> None:
        with transaction(self._db, LAYOUT):
            if self._db.execute("SELECT 1 FROM tokens WHERE name = ?", (token.name,)).fetchone():
                raise problems.known()
            lists = json.dumps(sorted(token.scopes)), json.dumps(sorted(token.cameras))
            row = (token.name, digest(secret), token.role, *lists, token.created, token.until)
            self._db.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def revoke(self, name: str) -> None:
        with transaction(self._db, LAYOUT):
            if not self._db.execute("DELETE FROM tokens WHERE name = ?", (name,)).rowcount:
                raise problems.unknown()

    def bearer(self, secret: str, now: float) -> Token | None:
        with mapped(LAYOUT):
            query = f"{_TOKENS} WHERE digest = ? AND (until IS NULL OR until > ?)"
            row = self._db.execute(query, (digest(secret), now)).fetchone()
        return None if row is None else _token(row)

    def _insert(self, name: str, hashed: str, role: Role, cameras: frozenset[str], now: float) -> None:
        row = (name, hashed, role, json.dumps(sorted(cameras)), now)
        self._db.execute("INSERT INTO users VALUES (?, ?, ?, ?, 0, ?)", row)

    def _forget(self, now: float) -> None:
        """Sessions that are over, and where there are too many, those not used longest."""
        over = "DELETE FROM sessions WHERE abs(? - seen) > ? OR abs(? - began) > ?"
        self._db.execute(over, (now, IDLE, now, LONGEST))
        rest = "SELECT digest FROM sessions ORDER BY seen DESC LIMIT -1 OFFSET ?"
        self._db.execute(f"DELETE FROM sessions WHERE digest IN ({rest})", (_SESSIONS - 1,))  # noqa: S608 - constant

    def _count(self) -> int:
        (count,) = self._db.execute("SELECT count(*) FROM users").fetchone()
        return int(count)


# Who sees some cameras only cannot do all that an administrator has to.
_ADMINS = (
    "SELECT count(*) FROM users WHERE role = 'admin' AND NOT disabled"
    " AND EXISTS (SELECT 1 FROM json_each(cameras) WHERE value = '*')"
)
_USERS = "SELECT name, role, cameras, disabled, created FROM users"
_TOKENS = "SELECT name, role, scopes, cameras, created, until FROM tokens"


def _goes_on(began: float, seen: float, now: float) -> bool:
    """A clock that was set back ends sessions rather than keeping them."""
    return abs(now - seen) <= IDLE and abs(now - began) <= LONGEST


def _user(row: tuple[str, str, str, int, float]) -> User:
    name, role, cameras, disabled, created = row
    return User(name, Role(role), frozenset(json.loads(cameras)), bool(disabled), created)


def _token(row: tuple[str, str, str, str, float, float | None]) -> Token:
    name, role, scopes, cameras, created, until = row
    acts = frozenset(Act(each) for each in json.loads(scopes))
    return Token(name, Role(role), acts, frozenset(json.loads(cameras)), created, until)
