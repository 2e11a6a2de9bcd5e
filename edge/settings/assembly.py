"""The Site model for the kinds a file names: plug-ins are imported here, and only those."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from types import GenericAlias
from typing import Annotated, Any, Union, cast

from pydantic import BaseModel, Discriminator, Field, Tag, create_model
from pydantic import SerializeAsAny as AsItself

from edge.settings.model import Site, StreamSettings
from inference.detector import DetectorSpec
from inference.rule import RuleSpec
from streams import kinds
from streams.source import SourceSpec
from streams.telemetry.spec import TelemetrySpec

SOURCES, RULES, DETECTORS = "streams.sources", "inference.rules", "inference.detectors"
TELEMETRY = "streams.telemetry.kinds"
DEFAULT_KINDS = {SOURCES: "rtsp", DETECTORS: "onnx"}  # a rule says what it is
TAG = "kind:"  # how the members of a union are marked in pydantic's error paths
_ANY = f"{TAG}?"


@dataclass(frozen=True, slots=True)
class Used:
    """The kinds that a site names, per plug-in folder. All of them must be known."""

    sources: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    detectors: frozenset[str] = frozenset()
    telemetry: frozenset[str] = frozenset()

    @staticmethod
    def all_kinds() -> "Used":
        """Everything this installation has: for the JSON Schema and the tests."""
        return Used(*(frozenset(kinds.known(package)) for package in (SOURCES, RULES, DETECTORS, TELEMETRY)))


@lru_cache(maxsize=32)
def site_model(used: Used, lenient: bool = False) -> type[Site]:
    """A Site whose streams, rules and detector are those kinds' own models.

    lenient: things of any other kind are taken too and only their common keys looked at, so that one unknown
    kind does not hide the rest of the errors.
    """
    rules = [_spec(RULES, kind) for kind in sorted(used.rules)]
    rule = _either(rules, _open_to_all(RuleSpec), lenient)
    poses = [_spec(TELEMETRY, kind) for kind in sorted(used.telemetry)]
    parts = {
        "rules": (_tuple_of(rule), ()),
        "telemetry": (_either(poses, _open_to_all(TelemetrySpec), lenient) | None, None),
    }
    sources = [_spec(SOURCES, kind) for kind in sorted(used.sources)]
    streams = [_stream(cast("type[SourceSpec]", source), parts) for source in sources]
    stream = _either(streams, _open_to_all(StreamSettings, **parts), lenient)
    detectors = [_spec(DETECTORS, kind) for kind in sorted(used.detectors)]
    detector = _either(detectors, _open_to_all(DetectorSpec), lenient)
    return create_model(
        "Site",
        __base__=Site,
        __module__=__name__,
        __doc__=Site.__doc__,
        detector=(detector, Field(default_factory=_default(detectors))),
        streams=(_tuple_of(stream), Field(min_length=1)),
    )


def _spec(package: str, kind: str) -> type[BaseModel]:
    return cast("type[BaseModel]", kinds.load(package, kind).Spec)


def kind_of(spec: type[BaseModel]) -> str:
    """The one value of its literal `kind`."""
    return str(spec.model_fields["kind"].annotation.__args__[0])  # type: ignore[union-attr]


def _stream(spec: type[SourceSpec], parts: dict[str, Any]) -> type[StreamSettings]:
    """The flat model of a stream: ours and its source's keys side by side."""
    kind = kind_of(spec)
    clash = (spec.model_fields.keys() & StreamSettings.model_fields.keys()) - {"kind"}
    if clash:
        raise TypeError(
            f"{spec.__module__}.Spec takes keys that every stream has: {', '.join(sorted(clash))}"
        )
    fields: dict[str, Any] = {
        "kind": (spec.model_fields["kind"].annotation, kind if kind == DEFAULT_KINDS[SOURCES] else ...),
        **parts,
    }
    name = f"{kind.title()}Stream"
    made = create_model(name, __base__=(StreamSettings, spec), __module__=__name__, **fields)
    model = cast("type[StreamSettings]", made)
    model.source_type = spec
    return model


def _open_to_all(base: type[BaseModel], **fields: Any) -> type[BaseModel]:
    """A stand-in for a kind nobody knows: takes every key."""
    stand_in = type(
        f"Any{base.__name__}", (base,), {"model_config": {"extra": "ignore"}, "__module__": __name__}
    )
    return create_model(stand_in.__name__, __base__=stand_in, __module__=__name__, **fields)


def _either(models: Iterable[type[BaseModel]], stand_in: type[BaseModel], lenient: bool) -> Any:
    """The union of models, told apart by `kind`."""
    by_tag = {f"{TAG}{kind_of(model)}": model for model in models}
    members = dict(by_tag)
    if lenient or not by_tag:
        members[_ANY] = stand_in
    tagged = tuple(Annotated[model, Tag(tag)] for tag, model in members.items())
    union: Any = Union[tagged]  # noqa: UP007 made at run time
    as_itself: Any = AsItself
    return as_itself[Annotated[union, Discriminator(_tag_of(by_tag))]]


def _tuple_of(item: Any) -> Any:
    return GenericAlias(tuple, (item, ...))


def _tag_of(known: Iterable[str]) -> Callable[[Any], str]:
    tags = frozenset(known)

    def tag(value: Any) -> str:
        kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
        return mark if (mark := f"{TAG}{kind}") in tags else _ANY

    return tag


def _default(detectors: Iterable[type[BaseModel]]) -> Callable[[], BaseModel]:
    known = {kind_of(detector): detector for detector in detectors}

    def build() -> BaseModel:
        kind = DEFAULT_KINDS[DETECTORS]
        return (known.get(kind) or _spec(DETECTORS, kind))()

    return build
