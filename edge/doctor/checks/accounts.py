"""Accounts that the site file lets talk: whether somebody has them."""

from collections.abc import Iterable, Iterator

from edge.accounts.file import FILE, AccountsFile
from edge.doctor.question import Box, Question, Verdict, fine, warn
from edge.settings.model import Site
from streams.problem import Problem, Text

_PATIENCE = 10.0  # s: a file of some kilobytes, of a slow SD card


def questions(box: Box) -> Iterable[Question]:
    site = box.site
    if site is None or not _named(site):
        return []
    return [Question("", lambda: _look(site), _PATIENCE)]


def _look(site: Site) -> Iterator[Verdict]:
    """Raises edge.store.StoreError."""
    named, usable = _named(site), _usable(site)
    for account in sorted(named - usable):
        yield warn(_nobody(account))
    if named <= usable:
        names = ", ".join(sorted(named))
        yield fine(f"may talk: {names}", f"可对讲账号：{names}")


def _named(site: Site) -> frozenset[str]:
    members = (member for group in site.talk.groups for member in group.members)
    return frozenset(account for member in members for account in member.accounts)


def _usable(site: Site) -> frozenset[str]:
    path = site.storage.path / FILE
    if not path.exists():  # before the first start
        return frozenset()
    file = AccountsFile.beside(path)
    try:
        return frozenset(user.name for user in file.users() if not user.disabled)
    finally:
        file.close()


def _nobody(account: str) -> Problem:
    return Problem(
        "talk.no_account",
        Text(
            f"talk: {account} may speak, and there is no such account that can be used",
            f"talk：成员填写了账号 {account}，但没有此账号或已停用",
        ),
        Text(
            "correct accounts: of that member, or add the account (sandwatch users add)",
            "请更正该成员的 accounts，或添加该账号（sandwatch users add）",
        ),
    )
