"""The console's pages, as a browser gets them: no build step, nothing from elsewhere.

NAME.html holds a page's own part alone. entry.html is the sign-in by account; desk.html puts it before a page, token.html
with that by token beside it; frame.html the header and the head.
"""

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_PAGE = Path(__file__).with_name("page")
# In the order of the navigation.
DESKS = ("cameras", "events", "cases", "map", "zones", "ground", "health", "settings", "audit", "users")
TOKENS = ("talk", "live")
# Asked again each time, answered by 304 where nothing changed: after an update nobody runs half an old page.
_FRESH = {"Cache-Control": "no-cache"}


def pages() -> list[BaseRoute]:
    """A page each, and /console with what they are made of. Open to everybody: who it is, is asked on the page, and by
    whatever it asks."""
    around = [(name, "desk") for name in DESKS] + [(name, "token") for name in TOKENS]
    return [
        Route("/", RedirectResponse("/events"), methods=["GET"]),
        *(Route(f"/{name}", _page(whole(name, entry)), methods=["GET"]) for name, entry in around),
        Mount("/console", _Modules(directory=_PAGE)),
    ]


def whole(name: str, entry: str) -> str:
    """A page's HTML. entry: how one signs in to it, "desk" by account, "token" also by that."""
    styles = ["style", "desk", name]
    links = [
        f'<link rel="stylesheet" href="/console/{style}.css">'
        for style in styles
        if (_PAGE / f"{style}.css").is_file()
    ]
    main = _part(entry).replace("{{entry}}", _part("entry")).replace("{{main}}", _part(name))
    text = _part("frame").replace("{{main}}", main).replace("{{styles}}", "\n  ".join(links))
    return text.replace("{{name}}", name).replace(f'href="/{name}"', f'href="/{name}" aria-current="page"')


class _Modules(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(_FRESH)
        return response


def _part(name: str) -> str:
    return (_PAGE / f"{name}.html").read_text(encoding="utf-8").rstrip("\n")


def _page(text: str) -> Callable[[Request], Awaitable[Response]]:
    headers = {**_FRESH, "ETag": f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'}

    async def page(_request: Request) -> Response:
        return HTMLResponse(text, headers=headers)

    return page
