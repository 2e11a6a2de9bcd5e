"""What each role may do. Pure: a table, and who is asked about."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from edge.settings.orders import Permission

ANYWHERE = "*"


class Role(StrEnum):
    """Each may what the one before may, and more."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    TECHNICIAN = "technician"
    ADMIN = "admin"


class Act(StrEnum):
    """What an endpoint asks for.

    OWN: one's own session and password. SEE: cameras, events, their proof, cases. METRICS: counts. ANSWER: cases.
    ORDER: commands, each by its own permission too. EXPORT: evidence. CONFIG: the site file without its secrets.
    SETUP: what changes the site file or tries a change out. AUDIT: who did what. ACCOUNTS: others' accounts and tokens.
    """

    OWN = "own"
    SEE = "see"
    METRICS = "metrics"
    ANSWER = "answer"
    ORDER = "order"
    EXPORT = "export"
    CONFIG = "config"
    SETUP = "setup"
    AUDIT = "audit"
    ACCOUNTS = "accounts"


_VIEWER = frozenset({Act.OWN, Act.SEE, Act.METRICS})
_OPERATOR = _VIEWER | {Act.ANSWER, Act.ORDER, Act.EXPORT}
_TECHNICIAN = _OPERATOR | {Act.CONFIG, Act.SETUP}

MATRIX: Mapping[Role, frozenset[Act]] = MappingProxyType(
    {
        Role.VIEWER: _VIEWER,
        Role.OPERATOR: _OPERATOR,
        Role.TECHNICIAN: _TECHNICIAN,
        Role.ADMIN: frozenset(Act),
    }
)

# Who turns a camera away blinds its zones, and who writes the site file may do anything: technicians.
_OPERATES = frozenset(
    {
        Permission.STATUS,
        Permission.SNAPSHOT,
        Permission.CLIP,
        Permission.LOOK,
        Permission.TALK,
        Permission.MUTE,
        Permission.UPLOAD,
    }
)
_ORDERS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.VIEWER: frozenset(),
        Role.OPERATOR: _OPERATES,
        Role.TECHNICIAN: frozenset(Permission),
        Role.ADMIN: frozenset(Permission),
    }
)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks. name: "user:NAME" or "token:NAME". cameras: names of streams; "*" is all, and the box itself. scopes:
    of a token, None of a person."""

    name: str
    role: Role
    cameras: frozenset[str]
    scopes: frozenset[Act] | None = None

    def may(self, act: Act) -> bool:
        return act in MATRIX[self.role] and (self.scopes is None or act in self.scopes)

    @property
    def everywhere(self) -> bool:
        return ANYWHERE in self.cameras

    def sees(self, camera: str) -> bool:
        """camera: "" is the box itself, which only those see who see all of it."""
        return self.everywhere or (camera != "" and camera in self.cameras)

    @property
    def orders(self) -> frozenset[Permission]:
        return _ORDERS[self.role] if self.may(Act.ORDER) else frozenset()
