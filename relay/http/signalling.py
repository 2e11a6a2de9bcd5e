"""WHIP (RFC 9725), WHEP (draft-ietf-wish-whep) and our own talk page's variant of them, over HTTP."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from relay import sdpfrag
from relay.http.body import FRAGMENT, SDP, text
from relay.http.callers import allowed, grant_of, url_token
from relay.http.refusals import HttpRefused
from relay.media.policy import MAX_SDP, IceServer, Purpose
from relay.sessions import Session, Sessions
from relay.signalling import Exchange, Place
from relay.tokens import Tokens
from relay.wish import Wish
from streams.problem import Problem, Text

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Signalling:
    """clock: s since 1970."""

    sessions: Sessions
    tokens: Tokens
    exchange: Exchange
    clock: Callable[[], float] = field(default=time.time)

    def routes(self) -> list[BaseRoute]:
        wishes: dict[str, Callable[[Request], Wish]] = {
            "/whip/talk/{group}/{member}": lambda request: _wish(request, Purpose.PUBLISH),
            "/whep/talk/{group}/{member}": lambda request: _wish(request, Purpose.WATCH),
            "/whep/talk/{group}": lambda request: _wish(request, Purpose.WATCH),
            "/whep/{camera}": lambda request: _wish(request, Purpose.WATCH),
            "/talk/{group}/{member}": lambda request: _wish(request, Purpose.TALK),
            # DJI docks take no other path for WHIP (firmware 17.01.0506): it is the one of SRS.
            "/rtc/v1/whip/": _srs,
        }
        return [
            *(
                Route(path, self._endpoint(wish), methods=["POST", "OPTIONS"])
                for path, wish in wishes.items()
            ),
            Route("/session/{ident}", self._session, methods=["PATCH", "DELETE", "OPTIONS"]),
            Route("/api/v1/places", self._places, methods=["GET"]),
        ]

    def _endpoint(self, wish_of: Callable[[Request], Wish]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            if request.method == "OPTIONS":
                return Response(status_code=204, headers={"Accept-Post": SDP, "Allow": "POST, OPTIONS"})
            return await self._open(request, wish_of(request))

        return endpoint

    async def _open(self, request: Request, wish: Wish) -> Response:
        grant = allowed(request, self.tokens, wish, self.clock())
        offer = await text(request, SDP, MAX_SDP)
        session = await self.sessions.open(wish, offer, grant)
        response = Response(session.answer, 201, {"ETag": f'"{session.etag}"'}, media_type=SDP)
        response.headers["Location"] = _address(session, url_token(request))
        response.headers["Accept-Patch"] = FRAGMENT
        for server in session.ice:
            response.headers.append("Link", _link(server))
        return response

    async def _session(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            headers = {"Accept-Patch": FRAGMENT, "Allow": "PATCH, DELETE, OPTIONS"}
            return Response(status_code=204, headers=headers)
        grant = grant_of(request, self.tokens, None)
        session = self.sessions.get(request.path_params["ident"], grant)
        if request.method == "DELETE":
            await self.sessions.close(session)
            return Response(status_code=200)
        return await self._patch(request, session)

    async def _patch(self, request: Request, session: Session) -> Response:
        if_match = request.headers.get("if-match")
        if if_match is None:
            raise HttpRefused(428, _NO_MATCH)
        fragment = sdpfrag.read(await text(request, FRAGMENT, sdpfrag.LONGEST))
        ours = await self.sessions.patch(session, fragment, if_match=_unquoted(if_match))
        if ours is None:
            return Response(status_code=204)
        headers = {"ETag": f'"{session.etag}"'}
        return Response(sdpfrag.write(ours), 200, headers, media_type=FRAGMENT)

    async def _places(self, request: Request) -> Response:
        """What a token may reach, and the servers to reach it by: all that a page has to know."""
        grant = grant_of(request, self.tokens, self.clock())
        known = self.exchange.directory()
        content = {
            "name": grant.name,
            "may": sorted(grant.scope.may),
            "members": sorted(grant.scope.members),
            "groups": [_shown(place) for place in known.groups if grant.sees_group(place.name)],
            "cameras": [_shown(place) for place in known.cameras if grant.sees_camera(place.name)],
            "ice": [_rtc(server) for server in self.sessions.ice_for(grant)],
        }
        return JSONResponse(content)


def _wish(request: Request, purpose: Purpose) -> Wish:
    names = request.path_params
    return Wish(purpose, names.get("group"), names.get("member"), names.get("camera"))


def _srs(request: Request) -> Wish:
    """As SRS names a stream: app is our group, stream the member."""
    query = request.query_params
    return Wish(Purpose.PUBLISH, query.get("app", ""), query.get("stream", ""))


def _address(session: Session, token: str | None) -> str:
    """Who could send no header when it came can send none when it goes."""
    path = f"/session/{session.id}"
    return path if token is None else f"{path}?token={quote(token, safe='')}"


def _link(server: IceServer) -> str:
    """RFC 9725, 4.6."""
    links = []
    for url in server.urls:
        link = f'<{url}>; rel="ice-server"'
        if server.username is not None and server.credential is not None:
            login = _quoted(server.username), _quoted(server.credential)
            link += f'; username="{login[0]}"; credential="{login[1]}"; credential-type="password"'
        links.append(link)
    return ", ".join(links)


def _quoted(word: str) -> str:
    """Inside a quoted-string (RFC 9110, 5.6.4)."""
    return word.replace("\\", "\\\\").replace('"', '\\"')


def _rtc(server: IceServer) -> dict[str, object]:
    """As a browser's RTCPeerConnection takes it."""
    login = {"username": server.username, "credential": server.credential}
    return {"urls": list(server.urls), **{name: value for name, value in login.items() if value is not None}}


def _unquoted(etag: str) -> str:
    """Of several, or of a weak one, nothing fits: If-Match compares strongly (RFC 9110, 13.1.1)."""
    etag = etag.strip()
    return etag if etag == "*" else etag.removeprefix('"').removesuffix('"')


def _shown(place: Place) -> dict[str, object]:
    members = [
        {"name": one.name, "role": one.role, "listen_only": not one.may_speak} for one in place.members
    ]
    shown: dict[str, object] = {"name": place.name, "title": place.title, "members": members}
    return shown if place.kind is None else {**shown, "kind": place.kind}


_NO_MATCH = Problem(
    "session.if_match",
    Text("a change to a session needs If-Match with its ETag", "修改会话须带 If-Match 和其 ETag"),
    Text("check the program that connects", "请检查接入方的程序"),
)
