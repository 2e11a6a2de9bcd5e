"""The console's pages, as a browser gets them: no build step, nothing from elsewhere."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_PAGE = Path(__file__).with_name("page")
# Asked again each time, answered by 304 where nothing changed: after an update nobody runs half an old page.
_FRESH = {"Cache-Control": "no-cache"}


def pages() -> list[BaseRoute]:
    """/talk, /live, and /console with what they are made of. Open to everybody: the token is asked for on the page."""
    return [
        Route("/talk", _page("talk.html"), methods=["GET"]),
        Route("/live", _page("live.html"), methods=["GET"]),
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
