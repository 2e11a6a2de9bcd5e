"""The API, put together: what the daemon mounts beside talk-back and the pages."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from edge.accounts.roles import Act
from edge.api import (
    cameras,
    cases,
    doors,
    events,
    ground,
    health,
    maps,
    orders,
    parcels,
    passes,
    people,
    proof,
    record,
    reference,
    settings,
    watching,
    zones,
)
from edge.api.answers import malformed, refused
from edge.api.gate import Guarded, needs
from edge.api.metrics import metrics
from edge.api.parts import Parts
from relay.http.refusals import on_failure, on_http
from streams.problem import ProblemError

_ROUTERS = (
    doors,
    people,
    watching,
    events,
    cases,
    orders,
    proof,
    record,
    health,
    maps,
    ground,
    parcels,
    cameras,
    passes,
    zones,
    settings,
)


class Api:
    """routes() go on the application of relay.http.app, after the signalling, which has /api/v1/places."""

    def __init__(self, parts: Parts) -> None:
        self.app = FastAPI(
            title="Sandwatch",
            version=version("sandwatch"),
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            responses={"4XX": reference.REFUSAL, "5XX": reference.REFUSAL},
            exception_handlers={
                ProblemError: refused,
                RequestValidationError: malformed,
                HTTPException: on_http,
                Exception: on_failure,
            },
        )
        self.app.router.redirect_slashes = False
        self._parts = self.app.state.parts = parts
        for module in _ROUTERS:
            self.app.include_router(module.router, prefix="/v1")
        self.app.include_router(self._reference())

    def routes(self) -> list[BaseRoute]:
        return [Route("/metrics", metrics(self._parts), methods=["GET"]), Mount("/api", self.app)]

    def _reference(self) -> APIRouter:
        router = APIRouter(route_class=Guarded, include_in_schema=False)

        @router.get("/openapi.json", openapi_extra=needs(Act.OWN))
        async def openapi() -> dict[str, Any]:
            return self._schema()

        @router.get("/docs", openapi_extra=needs(Act.OWN))
        async def docs() -> Response:
            return reference.page(self._schema())

        return router

    def _schema(self) -> dict[str, Any]:
        schema = dict(self.app.openapi())
        parts = schema["components"]
        schema["components"] = {**parts, "schemas": {**parts["schemas"], **reference.SCHEMAS}}
        schema["paths"] = {f"/api{path}": methods for path, methods in schema["paths"].items()}
        return schema
