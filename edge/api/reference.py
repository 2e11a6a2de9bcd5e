"""/api/docs: what the API can do, as a page without scripts and without anything from elsewhere."""

from html import escape
from typing import Any

from starlette.responses import HTMLResponse

_METHODS = ("get", "post", "patch", "delete")


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
