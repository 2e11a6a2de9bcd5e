"""A token for those who are signed in: live pictures, and talk-back where the site file names their account."""

from functools import partial

from fastapi import APIRouter
from starlette.requests import Request

from edge.accounts.desk import Accounts
from edge.accounts.roles import Act, Asker
from edge.accounts.secrecy import digest
from edge.api.gate import Asks, Box, Guarded, asking, needs, session_of
from edge.passes import Holder
from relay.http.refusals import HttpRefused
from streams.problem import Problem, Text

router = APIRouter(route_class=Guarded, tags=["talk"])


@router.post(
    "/pass", openapi_extra=needs(Act.SEE), summary="A token for live pictures and talk, for minutes."
)
async def issue(request: Request, asker: Asks, box: Box) -> dict[str, str | float]:
    """seconds: how long it opens something; ask again by then. What it opened goes on as long as the session that asked,
    and no longer."""
    still = partial(_still, request, box.accounts, asker)
    found = box.passes(Holder(asker.name, _key(request, asker), asker.cameras, still))
    if found is None:
        raise HttpRefused(409, _NOT_NOW)
    return {"token": found.token.get_secret_value(), "seconds": found.seconds}


async def _still(request: Request, accounts: Accounts, asker: Asker) -> bool:
    """Raises AccountRefused."""
    return await asking(request, accounts, used=False) == asker


def _key(request: Request, asker: Asker) -> str:
    """Another one for other rights, so that what was opened with the old ones ends with them. 64 bits: it opens nothing."""
    rights = f"{asker.role} {sorted(asker.cameras)}"
    secret = request.headers.get("authorization") or session_of(request)
    return digest(f"pass {rights} {secret}").hex()[:16]


_NOT_NOW = Problem(
    "live.not_now",
    Text("live view is being started", "实时画面正在启动"),
    Text("try again in a moment", "请稍后重试"),
)
