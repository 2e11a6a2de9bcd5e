"""Who is let in, as whom, where and for how long."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from relay.media.policy import Purpose
from relay.talk import Role
from relay.tokens import Grant, Right, Scope, TokenRefused, Tokens, TokenSpec
from relay.wish import Wish

NOW = 1_800_000_000.0
KEY = SecretStr("a key of thirty-two bytes or more")
SCOPE = Scope(may=(Right.WATCH, Right.SPEAK), groups=("a", "b"), members=("duty",), cameras=("gate",))
SPEC = TokenSpec(name="duty", secret=SecretStr("0123456789abcdef"), until=NOW + 10, **dict(SCOPE))
TOKENS = Tokens([SPEC], KEY, "sand-01", NOW - 100)


def signed(claims: Mapping[str, object], key: SecretStr = KEY, **header: object) -> str:
    """A JWT as any library makes it, by RFC 7515."""
    parts = [{"alg": "HS256", "typ": "JWT", **header}, claims]
    text = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts
    )
    mac = hmac.new(key.get_secret_value().encode(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def claims(**changed: object) -> dict[str, object]:
    scope = {"may": ["publish"], "groups": ["a"], "members": ["body"]}
    return {"sub": "body", "aud": "sand-01", "exp": NOW + 60, "iat": NOW, "sandwatch": scope, **changed}


def refusal(token: str, now: float = NOW, tokens: Tokens = TOKENS) -> str:
    with pytest.raises(TokenRefused) as refused:
        tokens.check(token, now)
    return refused.value.problem.code


def test_a_token_of_the_site_file_and_its_end() -> None:
    assert TOKENS.check("0123456789abcdef", NOW).name == "duty"
    assert refusal("0123456789abcdef", NOW + 10) == "token.expired"
    assert TOKENS.holder("0123456789abcdef").name == "duty", "a session stays its holder's"
    for wrong in ("", "0123456789abcde", "0123456789abcdefg", "令牌", "\udcff", "a.b.c", "." * 5000):
        assert refusal(wrong) == "token.unknown"


@pytest.mark.parametrize(
    ("wish", "allowed"),
    [
        (Wish(Purpose.WATCH, camera="gate"), True),
        (Wish(Purpose.WATCH, camera="other"), False),
        (Wish(Purpose.WATCH, "a"), True),
        (Wish(Purpose.WATCH, "a", "anybody"), True),
        (Wish(Purpose.WATCH, "c"), False),
        (Wish(Purpose.TALK, "a", "duty"), True),
        (Wish(Purpose.TALK, "a", "body"), False),
        (Wish(Purpose.TALK, "c", "duty"), False),
        (Wish(Purpose.PUBLISH, "a", "duty"), False),
    ],
)
def test_what_it_allows(wish: Wish, allowed: bool) -> None:
    assert TOKENS.check("0123456789abcdef", NOW).allows(wish) is allowed


def test_a_star_is_everywhere_and_nothing_is_nowhere() -> None:
    everywhere = Grant("x", Scope(may=(Right.WATCH, Right.PUBLISH), groups=("*",), members=("*",)))
    assert everywhere.allows(Wish(Purpose.PUBLISH, "any", "body"))
    assert not everywhere.allows(Wish(Purpose.WATCH, camera="gate"))
    assert not everywhere.allows(Wish(Purpose.WATCH))
    nowhere = Grant("x", Scope(may=tuple(Right)))
    assert not any(nowhere.allows(Wish(purpose, "a", "b")) for purpose in Purpose)


def test_a_signed_token_as_another_library_makes_it() -> None:
    grant = TOKENS.check(signed(claims()), NOW)
    assert grant.name == "signed:body"
    assert grant.allows(Wish(Purpose.PUBLISH, "a", "body"))
    assert refusal(signed(claims()), NOW + 60) == "token.expired"
    assert refusal(signed(claims(nbf=NOW + 5))) == "token.expired"
    assert TOKENS.check(signed(claims(nbf=NOW - 5)), NOW)


@pytest.mark.parametrize(
    "token",
    [
        signed(claims(), SecretStr("another key of thirty-two bytes..")),
        signed(claims(aud="sand-02")),
        signed(claims(), alg="none"),
        signed(claims(), alg="HS512"),
        signed(claims(), crit=["exp"]),
        signed({key: value for key, value in claims().items() if key != "exp"}),
        signed({key: value for key, value in claims().items() if key != "sandwatch"}),
        signed(claims(sandwatch={"may": ["rule"]})),
        signed(claims(sandwatch={"may": ["watch"], "more": 1})),
        signed(claims()).rpartition(".")[0] + ".",
        signed(claims()) + ".x",
    ],
)
def test_a_signed_token_that_is_none(token: str) -> None:
    assert refusal(token) == "token.unknown"


def test_without_a_key_nothing_signed_is_taken() -> None:
    assert refusal(signed(claims()), tokens=Tokens([SPEC], None, "sand-01")) == "token.unknown"


def test_once_is_once_and_short_and_ours() -> None:
    tokens = Tokens([], KEY, "sand-01", NOW - 100)
    token = tokens.issue("officer", SCOPE, NOW, 86400, once=True).get_secret_value()
    assert refusal(token, NOW + 300, tokens) == "token.expired"
    grant = tokens.check(token, NOW)
    tokens.spend(grant, NOW)
    assert refusal(token, NOW + 1, tokens) == "token.used"
    with pytest.raises(TokenRefused):
        tokens.spend(grant, NOW + 1)
    tokens.refund(grant)
    assert tokens.check(token, NOW + 2) == grant
    restarted = Tokens([], KEY, "sand-01", NOW + 1)
    assert refusal(token, NOW + 2, restarted) == "token.expired", "who restarted cannot know"
    once = {"may": ["watch"], "once": True}
    assert refusal(signed(claims(sandwatch=once)), tokens=tokens) == "token.unknown", "has no number"
    long = claims(sandwatch=once, jti="12345678", exp=NOW + 301)
    assert refusal(signed(long), tokens=tokens) == "token.unknown", "is remembered for five minutes only"


def test_used_ones_are_forgotten_when_their_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.tokens._REMEMBERED", 2)
    tokens = Tokens([], KEY, "sand-01")

    def spend(now: float) -> None:
        token = tokens.issue("x", SCOPE, now, 60, once=True).get_secret_value()
        tokens.spend(tokens.check(token, now), now)

    spend(NOW)
    spend(NOW)
    with pytest.raises(TokenRefused) as refused:
        spend(NOW)
    assert refused.value.problem.code == "token.too_many"
    spend(NOW + 61)


@given(st.binary(max_size=60), st.integers(0, 400), st.integers(0, 255))
def test_no_bent_token_is_let_in(noise: bytes, place: int, bits: int) -> None:
    token = signed(claims())
    bent = bytearray(token.encode())
    bent[place % len(bent)] ^= bits
    for text in (bent.decode("utf-8", "surrogateescape"), noise.decode("utf-8", "surrogateescape")):
        if text != token:
            assert refusal(text) == "token.unknown"


def test_secrets_are_not_shown_and_short_ones_not_taken() -> None:
    assert "0123456789abcdef" not in repr(SPEC) + repr(TOKENS) + repr(TOKENS.check("0123456789abcdef", NOW))
    with pytest.raises(ValidationError) as error:
        TokenSpec(name="x", secret=SecretStr("fifteen-letters"), may=(Right.WATCH,))
    assert "fifteen-letters" not in str(error.value)
    assert (
        TokenSpec(name="x", secret=SecretStr("x" * 16), may=(Right.WATCH,), role=Role.OPERATOR).role
        is Role.OPERATOR
    )


def test_a_lent_token_ends_with_its_time_and_when_it_is_taken_back() -> None:
    tokens, scope = Tokens([SPEC], KEY, "sand-01"), Scope(may=(Right.WATCH,), cameras=("gate",))
    lent = {name: tokens.lend(name, scope, NOW, 300).get_secret_value() for name in ("user:li", "user:zhang")}
    grant = tokens.check(lent["user:li"], NOW + 299)
    assert (grant.name, grant.scope) == ("user:li", scope)
    assert refusal(lent["user:li"], NOW + 300, tokens) == "token.expired"
    tokens.recall("user:li")
    assert refusal(lent["user:li"], NOW, tokens) == "token.unknown"
    assert tokens.check(lent["user:zhang"], NOW).name == "user:zhang"
    with pytest.raises(TokenRefused):
        tokens.holder(lent["user:li"])


def test_lent_tokens_are_few_and_the_newest_are_good() -> None:
    tokens, scope = Tokens(), Scope(may=(Right.WATCH,), cameras=("gate",))
    first, *more, last = (tokens.lend("user:li", scope, NOW, 300).get_secret_value() for _ in range(20))
    assert refusal(first, NOW, tokens) == "token.unknown"
    assert all(tokens.check(each, NOW).name == "user:li" for each in (*more[-6:], last))
    other = tokens.lend("user:zhang", scope, NOW + 300, 300).get_secret_value()
    assert refusal(last, NOW, tokens) == "token.unknown", "what is over is forgotten"
    assert tokens.check(other, NOW + 301)
