"""Finding one's way between pydantic's error paths, the document and the models."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import AliasChoices, BaseModel

from edge.settings.finding import DocumentPath


def document_path(location: tuple[str | int, ...], data: Any, missing: bool) -> DocumentPath:
    """pydantic's location without the marks of unions and validators, which no document has.

    missing: the last part names a key that is not there.
    """
    path: list[str | int] = []
    here = data
    for number, part in enumerate(location, 1):
        if _has(here, part):
            here = here[part]
        elif not (missing and number == len(location) and isinstance(part, str) and isinstance(here, dict)):
            continue
        path.append(part)
    return tuple(path)


def value_at(data: Any, path: DocumentPath) -> Any:
    """What stands at a path that is in the data."""
    for part in path:
        data = data[part]
    return data


def _has(holder: Any, part: str | int) -> bool:
    if isinstance(holder, list):
        return isinstance(part, int) and part < len(holder)
    return isinstance(holder, dict) and part in holder


def known_keys(model: type[BaseModel], path: DocumentPath, data: Any) -> set[str]:
    """The keys that the mapping at `path` may have, by the models that fit it; empty where any key may stand."""
    models, _ = _follow(model, path, data)
    return {name for each in models for name, _ in _keys(each)}


def wants_number(model: type[BaseModel], path: DocumentPath, data: Any) -> bool:
    """Whether the field that the value at `path` belongs to is made of numbers, and has no place for true."""
    _, annotations = _follow(model, path, data)
    types = {leaf for annotation in annotations for leaf in _leaves(annotation)}
    return bool(types & {int, float}) and bool not in types


def _follow(model: type[BaseModel], path: DocumentPath, data: Any) -> tuple[list[type[BaseModel]], list[Any]]:
    """The models that fit the value at `path`, and the annotations of the last field on the way there."""
    models, annotations = [model], list[Any]()
    for length, part in enumerate(path, 1):
        named = [field.annotation for each in models for name, field in _keys(each) if name == part]
        if named:
            annotations = named
            leaves = [leaf for annotation in named for leaf in _leaves(annotation)]
            models = [leaf for leaf in leaves if isinstance(leaf, type) and issubclass(leaf, BaseModel)]
        here = value_at(data, path[:length])
        models = [each for each in models if _fits(each, here)] or models
    return models, annotations


def _keys(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        if isinstance(field.validation_alias, AliasChoices):
            yield from ((str(choice), field) for choice in field.validation_alias.choices)
        else:
            yield field.alias or name, field


def _leaves(annotation: Any) -> Iterator[Any]:
    """The types inside an annotation: unions, tuples, dicts and Annotated are looked through."""
    inner = get_args(annotation)
    if not inner:
        yield annotation
    for each in inner:
        yield from _leaves(each)


def _fits(model: type[BaseModel], value: Any) -> bool:
    """Whether the model is of the kind that the mapping says it is; one without kinds always is."""
    kind = model.model_fields.get("kind")
    if kind is None or not isinstance(value, dict):
        return True
    return value.get("kind") in get_args(kind.annotation)
