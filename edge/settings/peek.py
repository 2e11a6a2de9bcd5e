"""Which plug-in kinds a document names, before there is a model to check it with."""

from collections.abc import Iterator
from typing import Any

from edge.settings.assembly import DEFAULT_KINDS, DETECTORS, RULES, SOURCES, TELEMETRY, Used
from edge.settings.document import Document
from edge.settings.finding import DocumentPath
from edge.settings.words import MISSING, unknown_name
from streams import kinds
from streams.problem import Text

Place = tuple[DocumentPath, dict[str, Any]]


def used_kinds(document: Document) -> Used:
    """Imports the kinds, writes those that were left out into the data, and notes those that do not exist."""
    data = document.data
    data.setdefault("detector", {})
    detector = data["detector"]
    streams = list(mappings(data, "streams", ()))
    rules = [rule for path, stream in streams for rule in mappings(stream, "rules", path)]
    return Used(
        sources=_kinds(document, SOURCES, streams),
        rules=_kinds(document, RULES, rules),
        telemetry=_kinds(document, TELEMETRY, list(_inner(streams, "telemetry"))),
        detectors=_kinds(
            document, DETECTORS, [(("detector",), detector)] if isinstance(detector, dict) else []
        ),
    )


def _inner(places: list[Place], key: str) -> Iterator[Place]:
    """The mapping under `key` of each, where there is one."""
    for path, holder in places:
        inner = holder.get(key)
        if isinstance(inner, dict):
            yield (*path, key), inner


def mappings(parent: dict[str, Any], key: str, path: DocumentPath) -> Iterator[Place]:
    """The mappings in the list parent[key] with their paths; whatever is not one is passed over."""
    items = parent.get(key)
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield (*path, key, index), item


def _kinds(document: Document, package: str, places: list[Place]) -> frozenset[str]:
    found = set[str]()
    for path, holder in places:
        if package in DEFAULT_KINDS:
            holder.setdefault("kind", DEFAULT_KINDS[package])
        kind = holder.get("kind")
        trouble = _trouble(package, kind) if "kind" in holder else MISSING
        if trouble is not None:
            document.add((*path, "kind"), trouble)
        elif isinstance(kind, str):
            found.add(kind)
    return frozenset(found)


def _trouble(package: str, kind: object) -> Text | None:
    """Why a kind cannot be used here, if it cannot."""
    if not isinstance(kind, str):
        return unknown_name("", kinds.known(package), _KIND)
    try:
        kinds.load(package, kind)
    except kinds.UnknownKind as error:
        return unknown_name(kind, error.known, _KIND)
    except ImportError as error:
        needs = error.name or "a module"
        return Text(
            f"kind {kind} needs {needs}, which is not installed", f"类型 {kind} 需要 {needs}，但未安装"
        )
    return None


_KIND = Text("kind", "类型")
