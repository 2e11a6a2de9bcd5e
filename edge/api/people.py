"""Others' accounts, and tokens for programs."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from edge.accounts.roles import Act, Role
from edge.api.doors import Name, Password
from edge.api.gate import Asks, Box, Guarded, needs
from edge.orders.words import Moment
from edge.wire import rfc3339

router = APIRouter(route_class=Guarded, tags=["accounts"])

Cameras = Annotated[tuple[Annotated[str, Field(max_length=64)], ...], Field(min_length=1, max_length=500)]
Named = Annotated[str, Path(max_length=64)]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class NewUser(_Asked):
    name: Name
    password: Password
    role: Role
    cameras: Cameras = ("*",)


class Change(_Asked):
    """What is to be another; null: stays."""

    role: Role | None = None
    cameras: Cameras | None = None
    disabled: bool | None = None
    password: Password | None = None


class NewToken(_Asked):
    """until: after which it is worth nothing."""

    name: Name
    role: Role
    scopes: Annotated[tuple[Act, ...], Field(min_length=1, max_length=len(Act))]
    cameras: Cameras = ("*",)
    until: Moment | None = None


@router.get("/users", openapi_extra=needs(Act.ACCOUNTS), summary="Who has an account.")
async def users(box: Box) -> list[dict[str, object]]:
    return [user.shown() for user in await box.accounts.users()]


@router.post("/users", openapi_extra=needs(Act.ACCOUNTS), status_code=201, summary="A new account.")
async def add(asked: NewUser, asker: Asks, box: Box) -> Response:
    secret = asked.password.get_secret_value()
    await box.accounts.add(asker, asked.name, secret, asked.role, asked.cameras)
    return JSONResponse({"name": asked.name}, 201)


@router.patch(
    "/users/{name}",
    openapi_extra=needs(Act.ACCOUNTS),
    status_code=204,
    summary="Another role, other cameras, a new password, disable or enable.",
)
async def change(name: Named, asked: Change, asker: Asks, box: Box) -> None:
    if asked.role is not None or asked.cameras is not None:
        await box.accounts.entitle(asker, name, asked.role, asked.cameras)
    if asked.password is not None:
        await box.accounts.change_password(asker, name, asked.password.get_secret_value())
    if asked.disabled is not None:
        await box.accounts.disable(asker, name, disabled=asked.disabled)


@router.get("/tokens", openapi_extra=needs(Act.ACCOUNTS), summary="Which programs may ask, and what.")
async def tokens(box: Box) -> list[dict[str, object]]:
    return [
        {
            "name": token.name,
            "role": token.role.value,
            "scopes": sorted(token.scopes),
            "cameras": sorted(token.cameras),
            "until": rfc3339(token.until) if token.until is not None else None,
        }
        for token in await box.accounts.tokens()
    ]


@router.post(
    "/tokens",
    openapi_extra=needs(Act.ACCOUNTS),
    status_code=201,
    summary="A new token; its secret is told this once.",
)
async def issue(asked: NewToken, asker: Asks, box: Box) -> Response:
    secret = await box.accounts.issue(asker, asked.name, asked.role, asked.scopes, asked.cameras, asked.until)
    return JSONResponse({"name": asked.name, "secret": secret}, 201)


@router.delete(
    "/tokens/{name}",
    openapi_extra=needs(Act.ACCOUNTS),
    status_code=204,
    summary="It is worth nothing any more.",
)
async def revoke(name: Named, asker: Asks, box: Box) -> None:
    await box.accounts.revoke(asker, name)
