"""/api/docs: what the API can do, as a page without scripts and without anything from elsewhere."""

from html import escape
from typing import Any

from starlette.responses import HTMLResponse

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
REFUSAL: dict[str, Any] = {"description": "Why not, in both languages (RFC 9457).", "content": PROBLEM}
_TEXT = {"type": "string"}
_SAID = {
    "type": "object",
    "properties": {"what": _TEXT, "do": _TEXT},
    "required": ["what", "do"],
}
SCHEMAS: dict[str, Any] = {
    "Problem": {
        "type": "object",
        "description": "As relay.http.refusals sends it; code: for programs. More fields may come.",
        "properties": {
            **dict.fromkeys(("type", "code", "title", "detail"), _TEXT),
            "status": {"type": "integer"},
            "en": _SAID,
            "zh": _SAID,
        },
        "required": ["type", "status", "code", "title", "detail", "en", "zh"],
    }
}
"""What the routes' own schemas do not tell: REFUSAL refers to it."""

_METHODS = ("get", "post", "patch", "delete")


def sends(*kinds: str) -> dict[str, Any]:
    """For `responses` of a route that answers with something else than JSON. kinds: media types."""
    return {"description": "Successful Response", "content": {kind: {} for kind in kinds}}


def page(schema: dict[str, Any]) -> HTMLResponse:
    """schema: OpenAPI 3.1."""
    rows = [
        _row(path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in _METHODS
    ]
    head = "<tr><th>method</th><th>path</th><th>right</th><th></th></tr>"
    body = (
        f"<h1>{escape(schema['info']['title'])} {escape(schema['info']['version'])}</h1>"
        '<p><a href="/api/openapi.json">/api/openapi.json</a></p>'
        f"<table>{head}{''.join(rows)}</table>"
    )
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>API</title>{body}</html>'
    )


def _row(path: str, method: str, operation: dict[str, Any]) -> str:
    told = (method.upper(), path, str(operation.get("x-right", "")), str(operation.get("summary", "")))
    return f"<tr>{''.join(f'<td>{escape(each)}</td>' for each in told)}</tr>"
