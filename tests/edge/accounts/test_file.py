"""Accounts on disk: secrets are not in the file, sessions end, the first start happens once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.accounts.file import CODE_LIVES, IDLE, LONGEST, AccountsFile, Token
from edge.accounts.problems import AccountRefused
from edge.accounts.roles import Act, Role
from edge.accounts.secrecy import csrf, hashed, matches

EVERY = frozenset({"*"})
NOW = 1_780_000_000.0


@pytest.fixture
def file(tmp_path: Path) -> Iterator[AccountsFile]:
    opened = AccountsFile.open(tmp_path / "accounts.sqlite")
    yield opened
    opened.close()


def refused(error: pytest.ExceptionInfo[AccountRefused]) -> str:
    return error.value.problem.code


def test_the_first_start_happens_once(file: AccountsFile) -> None:
    found = file.first_code(NOW)
    assert found is not None
    code, until = found
    assert until == NOW + CODE_LIVES
    assert file.first_code(NOW + 5) == (code, until)  # shown again
    with pytest.raises(AccountRefused) as error:
        file.begin("WRONG", "wang", "hash", NOW)
    assert refused(error) == "account.wrong_code"
    with pytest.raises(AccountRefused) as error:
        file.begin(code, "wang", "hash", NOW + CODE_LIVES)
    assert refused(error) == "account.wrong_code"
    file.begin(f" {code.lower()} ", "wang", "hash", NOW)
    assert [(user.name, user.role) for user in file.users()] == [("wang", Role.ADMIN)]
    assert file.first_code(NOW) is None
    with pytest.raises(AccountRefused) as error:
        file.begin(code, "li", "hash", NOW)
    assert refused(error) == "account.begun"


def test_a_code_that_is_over_is_replaced(file: AccountsFile) -> None:
    one, later = file.first_code(NOW), file.first_code(NOW + CODE_LIVES + 1)
    assert one is not None
    assert later is not None
    assert one[0] != later[0]
    renewed = file.first_code(NOW + CODE_LIVES + 1, renew=True)
    assert renewed is not None
    assert renewed[0] != later[0]


@pytest.mark.parametrize("past", [IDLE + 1, LONGEST + 1, -IDLE - 1])
def test_sessions_end(file: AccountsFile, past: float) -> None:
    file.add("wang", "hash", Role.VIEWER, EVERY, NOW)
    file.log_in("secret", "wang", "hash", NOW)
    assert file.holder("secret", NOW + IDLE - 1, used=False) is not None
    assert file.holder("secret", NOW + past) is None


def test_a_session_that_is_used_ends_with_the_shift(file: AccountsFile) -> None:
    file.add("wang", "hash", Role.VIEWER, EVERY, NOW)
    file.log_in("secret", "wang", "hash", NOW)
    times = [NOW + n * 600.0 for n in range(100)]
    held = [time for time in times if file.holder("secret", time) is not None]
    assert held == [time for time in times if time <= NOW + LONGEST]


def test_another_password_or_none_ends_sessions(file: AccountsFile) -> None:
    file.add("chief", "hash", Role.ADMIN, EVERY, NOW)
    file.add("wang", "hash", Role.VIEWER, EVERY, NOW)
    file.log_in("one", "wang", "hash", NOW)
    file.set_password("wang", "other")
    assert file.holder("one", NOW) is None
    with pytest.raises(AccountRefused):
        file.log_in("two", "wang", "hash", NOW)
    file.log_in("three", "wang", "other", NOW)
    file.disable("wang", disabled=True)
    assert file.holder("three", NOW) is None
    assert file.hash_of("wang") is None
    with pytest.raises(AccountRefused) as error:
        file.disable("chief", disabled=True)
    assert refused(error) == "account.last_admin"
    assert not file.users()[0].disabled


def test_sessions_are_bounded(file: AccountsFile) -> None:
    file.add("wang", "hash", Role.VIEWER, EVERY, NOW)
    for n in range(205):
        file.log_in(str(n), "wang", "hash", NOW + n)
    held = [n for n in range(205) if file.holder(str(n), NOW + 205) is not None]
    assert held == list(range(5, 205))


def test_tokens(file: AccountsFile) -> None:
    token = Token("probe", Role.VIEWER, frozenset({Act.METRICS}), EVERY, NOW, NOW + 10)
    file.issue(token, "a secret of a token")
    assert file.bearer("a secret of a token", NOW + 9) == token
    assert file.bearer("a secret of a token", NOW + 10) is None
    with pytest.raises(AccountRefused):
        file.issue(token, "another")
    file.revoke("probe")
    assert file.bearer("a secret of a token", NOW) is None


def test_no_secret_is_in_the_file(file: AccountsFile, tmp_path: Path) -> None:
    file.add("wang", hashed("the password itself"), Role.VIEWER, EVERY, NOW)
    kept = file.hash_of("wang")
    assert kept is not None
    assert kept.startswith("$argon2id$")
    assert matches(kept, "the password itself")
    assert not matches(kept, "another password")
    assert not matches(None, "the password itself")
    file.log_in("the session itself", "wang", kept, NOW)
    file.issue(Token("t", Role.VIEWER, frozenset(), EVERY, NOW, None), "the token itself")
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (
        "the password itself",
        "the session itself",
        "the token itself",
        csrf("the session itself"),
    ):
        assert secret.encode() not in written
    assert b"wang" in written
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())
