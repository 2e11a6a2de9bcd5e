"""The console's pages, as a browser gets them: no build step, nothing from elsewhere."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_PAGE = Path(__file__).with_name("page")
_NAMES = ("events", "cases", "cameras", "talk", "live")
# Asked again each time, answered by 304 where nothing changed: after an update nobody runs half an old page.
_FRESH = {"Cache-Control": "no-cache"}


def pages() -> list[BaseRoute]:
    """/events, /cases, /cameras, /talk, /live, and /console with what they are made of. Open to everybody: who it is, is
    asked on the page, and by whatever it asks."""
    return [
        Route("/", RedirectResponse("/events"), methods=["GET"]),
        *(Route(f"/{name}", _page(f"{name}.html"), methods=["GET"]) for name in _NAMES),
        Mount("/console", _Modules(directory=_PAGE)),
    ]


class _Modules(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(_FRESH)
        return response


def _page(name: str) -> Callable[[Request], Awaitable[Response]]:
    async def page(_request: Request) -> Response:
        return FileResponse(_PAGE / name, media_type="text/html", headers=_FRESH)

    return page
