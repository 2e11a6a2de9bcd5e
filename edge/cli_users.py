"""sandwatch users ...: who may use the console, from the box itself."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge import language
from edge.accounts.roles import Role
from edge.errors import sayable

if TYPE_CHECKING:
    from edge.accounts.file import AccountsFile
    from edge.settings.web import HttpSettings

app = typer.Typer(help="Accounts of the console: list, add, disable, new passwords.", no_args_is_help=True)

Config = Annotated[
    Path, typer.Option("--config", "-c", help="The site file; it says where the box keeps things.")
]
Storage = Annotated[
    Path | None, typer.Option(help="That folder itself, where there is no site file to read.")
]
Name = Annotated[str, typer.Argument(help="The account's name.")]

SITE = Path("/etc/sandwatch/site.yaml")


@app.command("list")
def list_(
    config: Config = SITE,
    storage: Storage = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Who has an account, and what each may."""
    with _file(config, storage) as (file, _):
        users = file.users()
    if as_json:
        typer.echo(json.dumps([user.shown() for user in users], ensure_ascii=False))
        return
    for user in users:
        marks = "  -" if user.disabled else ""
        typer.echo(f"{user.name}  {user.role}  {', '.join(sorted(user.cameras))}{marks}")


@app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.VIEWER,
    camera: Annotated[
        list[str] | None, typer.Option(help="Only these streams; may be given several times. Default: all.")
    ] = None,
    config: Config = SITE,
    storage: Storage = None,
) -> None:
    """A new account; its password is asked for."""
    from edge.accounts.file import checked_cameras, checked_name

    with _file(config, storage) as (file, folder):
        cameras = checked_cameras(camera or ("*",))
        file.add(checked_name(name), _asked(name), role, cameras, _now())
        _record(folder, "account.add", name)


@app.command()
def password(name: Name, config: Config = SITE, storage: Storage = None) -> None:
    """A new password; whoever is logged in under the old one is logged out."""
    with _file(config, storage) as (file, folder):
        file.set_password(name, _asked(name))
        _record(folder, "account.password", name)


@app.command()
def disable(
    name: Name,
    undo: Annotated[bool, typer.Option("--undo", help="It may be used again.")] = False,
    config: Config = SITE,
    storage: Storage = None,
) -> None:
    """Nobody may use it any more; what it did stays on record."""
    with _file(config, storage) as (file, folder):
        file.disable(name, disabled=not undo)
        _record(folder, "account.enable" if undo else "account.disable", name)


@app.command()
def code(
    renew: Annotated[
        bool, typer.Option("--renew", help="Another one; the old one is worth nothing then.")
    ] = False,
    config: Config = SITE,
    storage: Storage = None,
) -> None:
    """The one-time code that makes the first administrator; where the console is, and what its certificate shows."""
    from edge.accounts.problems import begun

    with _file(config, storage) as (file, folder):
        found = file.first_code(_now(), renew=renew)
        if found is None:
            raise begun()
        until = datetime.fromtimestamp(found[1], UTC).astimezone()
        typer.echo(f"{found[0]}  (-> {until:%H:%M})")
        for line in _entrance(folder, None if storage is not None else _http(config)):
            typer.echo(line)


def _http(config: Path) -> "HttpSettings | None":
    from edge.settings.loader import load

    return load(config).site.http


def _entrance(folder: Path, http: "HttpSettings | None") -> Iterator[str]:
    """The console's addresses, and its certificate's SHA-256 as a browser's warning shows it."""
    from edge.certificate import CERTIFICATE, fingerprint_of
    from edge.settings.web import SELF_SIGNED, HttpTls

    if http is not None:
        yield from _addresses(http)
    tls = SELF_SIGNED if http is None else http.tls
    if tls is None:
        return
    found = fingerprint_of(tls.cert_file if isinstance(tls, HttpTls) else folder / CERTIFICATE)
    if found is not None:
        yield f"SHA-256 {found}"
    elif http is not None:
        yield f"SHA-256 - {_NO_CERTIFICATE[language.chosen()]}"


def _addresses(http: "HttpSettings") -> Iterator[str]:
    """The box's own of today where it listens on all of them."""
    from edge.certificate import own_addresses

    if http.host not in ("0.0.0.0", "::"):  # noqa: S104 (compared, not bound)
        yield http.url
        return
    scheme = http.url.partition(":")[0]
    for each in sorted(own_addresses()):
        if ":" not in each:
            yield f"{scheme}://{each}:{http.port}"
        elif ":" in http.host:
            yield f"{scheme}://[{each}]:{http.port}"


@contextmanager
def _file(config: Path, storage: Path | None) -> Iterator[tuple["AccountsFile", Path]]:
    """And the folder it lies in."""
    from edge.accounts.file import FILE, AccountsFile
    from edge.settings.loader import load

    with sayable(language.chosen()):
        folder = storage if storage is not None else load(config).site.storage.path
        file = AccountsFile.beside(folder / FILE)
        try:
            yield file, folder
        finally:
            file.close()


def _asked(name: str) -> str:
    """The password's hash; on a terminal it is typed twice, and in a pipe it is a line."""
    from edge.accounts.desk import check_password
    from edge.accounts.secrecy import hashed

    asked = "密码" if language.chosen() == "zh" else "Password"
    typed = typer.prompt(asked, hide_input=True, confirmation_prompt=True)
    check_password(name, typed)
    return hashed(typed)


def _record(folder: Path, what: str, about: str) -> None:
    import getpass

    from edge.accounts.desk import AUDIT
    from edge.orders.audit import Audit, AuditLine
    from edge.wire import rfc3339

    who = f"shell:{getpass.getuser()}"
    Audit(folder / AUDIT).write(
        AuditLine(time=rfc3339(_now()), who=who, command=what, id=about, outcome="done")
    )


def _now() -> float:
    return datetime.now(UTC).timestamp()


_NO_CERTIFICATE = {
    "en": "(no certificate yet: the gateway makes it when it starts)",
    "zh": "（尚无证书：网关启动时生成）",
}
