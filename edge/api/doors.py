"""Logging in and out, the first start, one's own account."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from edge.accounts import problems
from edge.accounts.desk import Opened
from edge.accounts.file import LONGEST
from edge.accounts.roles import MATRIX, Act
from edge.accounts.secrecy import csrf
from edge.api.gate import COOKIE, Asks, Box, Guarded, address_of, needs, session_of

router = APIRouter(route_class=Guarded, tags=["account"])

Name = Annotated[str, Field(min_length=1, max_length=64)]
Password = Annotated[SecretStr, Field(min_length=1, max_length=512)]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Login(_Asked):
    name: Name
    password: Password


class First(Login):
    """code: printed in the journal at the first start; `sandwatch users code` shows it again."""

    code: Annotated[str, Field(min_length=1, max_length=64)]


class NewPassword(_Asked):
    old: Password
    new: Password


@router.post(
    "/login", openapi_extra=needs(None), summary="Open a session; its cookie is for this origin only."
)
async def login(asked: Login, request: Request, box: Box) -> Response:
    opened = await box.accounts.log_in(asked.name, asked.password.get_secret_value(), address_of(request))
    return _entered(opened)


@router.post(
    "/first-start", openapi_extra=needs(None), summary="Make the first administrator, by the journal's code."
)
async def first_start(asked: First, request: Request, box: Box) -> Response:
    password = asked.password.get_secret_value()
    return _entered(await box.accounts.begin(asked.code, asked.name, password, address_of(request)))


@router.post("/logout", openapi_extra=needs(Act.OWN), status_code=204, summary="Close this session.")
async def logout(request: Request, box: Box) -> Response:
    if session := session_of(request):
        await box.accounts.log_out(session)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    return response


@router.get("/me", openapi_extra=needs(Act.OWN), summary="Who is logged in, and what they may.")
async def me(request: Request, asker: Asks) -> dict[str, object]:
    session = session_of(request)
    return {
        "name": asker.name,
        "role": asker.role.value,
        "cameras": sorted(asker.cameras),
        "may": sorted(act.value for act in MATRIX[asker.role] if asker.may(act)),
        "orders": sorted(each.value for each in asker.orders),
        "csrf": csrf(session) if session else None,
    }


@router.post(
    "/password", openapi_extra=needs(Act.OWN), status_code=204, summary="Another password; all sessions end."
)
async def password(asked: NewPassword, request: Request, asker: Asks, box: Box) -> None:
    kind, _, name = asker.name.partition(":")
    if kind != "user":
        raise problems.not_yours()
    session = await box.accounts.log_in(name, asked.old.get_secret_value(), address_of(request))
    await box.accounts.log_out(session.secret)
    await box.accounts.change_password(asker, name, asked.new.get_secret_value())


def _entered(opened: Opened) -> Response:
    user = opened.user
    response = JSONResponse({**user.shown(), "csrf": csrf(opened.secret)})
    response.set_cookie(
        COOKIE,
        opened.secret,
        max_age=int(LONGEST),
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
    )
    return response
