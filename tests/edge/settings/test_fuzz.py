"""Whatever is in the file: a site, or findings that lie within it. Nothing else ever comes out."""

import copy
import io
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from edge.settings.finding import Level, SettingsError
from edge.settings.loader import load_text
from tests.edge.settings.documents import ALL, GOOD

yaml = YAML(typ="safe", pure=True)
TREE = yaml.load(ALL)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**30),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        ["", "0123", "rtsp://a:b@c", "mqtt://", "auto", "zone", "3s", "..", "a/b", "<<", "19:00-06:00"]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def check(text: str) -> None:
    """Raises anything but SettingsError where something is wrong with us."""
    lines = len(text.splitlines()) or 1
    try:
        loaded = load_text(text, "site.yaml", {})
    except SettingsError as error:
        findings = error.findings
        assert any(finding.level is Level.ERROR for finding in findings)
    else:
        findings = loaded.warnings
        assert all(finding.level is Level.WARNING for finding in findings)
    for finding in findings:
        assert 1 <= finding.mark.line <= lines
        assert finding.mark.column >= 1
        for said in (finding.say("en"), finding.say("zh")):
            assert "\n" not in said
            assert "Input should" not in said
            said.encode()


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner: list[tuple[Any, ...]] = []
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, item in pairs:
        inner += [(*path, key), *places(item, (*path, key))]
    return inner


def dumped(tree: Any) -> str:
    out = io.StringIO()
    yaml.dump(tree, out)
    return out.getvalue()


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A good site of which up to three nodes are deleted, renamed or replaced."""
    tree = copy.deepcopy(TREE)
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(places(tree) or [("site",)]))
        holder = tree
        for key in way:
            holder = holder[key]
        action = draw(st.sampled_from(["delete", "replace", "rename"]))
        if action == "delete":
            holder.pop(last, None) if isinstance(holder, dict) else holder.pop(last)
        elif action == "rename" and isinstance(holder, dict):
            holder[draw(st.text(max_size=8))] = holder.pop(last, None)
        else:
            holder[last] = draw(values)
    return dumped(tree)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_a_site_with_wrong_nodes(text: str) -> None:
    check(text)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, len(ALL)),
    st.integers(0, 12),
    st.text(alphabet=st.sampled_from("\t\n -:[]{}#&*!|>'\"%@`,?\\\x07é密\ud8000aZ~<"), max_size=6),
)
@example(0, 0, "\ufeff")
def test_a_site_with_a_slip_of_the_pen(start: int, length: int, slip: str) -> None:
    check(ALL[:start] + slip + ALL[start + length :])


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("\t\n -:[]{}#&*!|>'\"%@`,?\\ab1~<="), max_size=40))
def test_any_text(text: str) -> None:
    check(text)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(places(yaml.load(GOOD))), values)
@example(("streams", 0, "zones"), {"\n": None})
def test_each_node_of_a_short_site(place: tuple[Any, ...], value: Any) -> None:
    tree = yaml.load(GOOD)
    holder = tree
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    check(dumped(tree))
