"""sandwatch centre: the reference consumer of a command centre."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge import language
from edge.errors import sayable

if TYPE_CHECKING:
    from edge.centre.table import Table

# s a broker keeps what comes for a consumer that is away. Boxes keep everything themselves until it is stored.
_KEPT_S = 24 * 3600


def centre(
    broker: Annotated[str, typer.Option(help="mqtt://HOST or mqtts://HOST.")],
    out: Annotated[
        str, typer.Option(help="FILE.csv, or postgresql://USER@HOST/DATABASE (password: PGPASSWORD).")
    ],
    username: Annotated[
        str | None, typer.Option(help="The password is in SANDWATCH_BROKER_PASSWORD.")
    ] = None,
    ca_file: Annotated[Path | None, typer.Option(help="The broker's authority.")] = None,
    area: Annotated[
        str, typer.Option(help="PROVINCE/CITY/COUNTY/SITE, or its beginning; left out: all.")
    ] = "",
    group: Annotated[str, typer.Option(help="Consumers of one group share the messages.")] = "sandwatch",
    name: Annotated[str, typer.Option(help="Of this consumer; its own within the group.")] = "1",
) -> None:
    """Keep what boxes publish, each message once; and tell the boxes, which may then forget it."""
    from edge import broker_option, logs
    from edge.centre.service import Centre
    from edge.ending import until_interrupted

    logs.configure("info")
    with sayable(language.chosen()):
        where = broker_option.address(broker, username, ca_file, f"sandwatch-centre-{group}-{name}", _KEPT_S)
        table = _table(out)

        try:
            until_interrupted(Centre(where, table, group, area).run())
        finally:
            table.close()


def _table(out: str) -> "Table":
    """Raises TableFailed, Misconfigured."""
    from streams.problem import Misconfigured, Problem, Text

    if not out.startswith(("postgresql://", "postgres://")):
        from edge.centre.spreadsheet import Spreadsheet

        return Spreadsheet(Path(out))
    try:
        from edge.centre.postgres import Postgres
    except ImportError:
        what = Text("PostgreSQL needs the extra `centre`", "写入 PostgreSQL 需要附加组件 centre")
        do = Text("pip install 'sandwatch[centre]'", "请执行 pip install 'sandwatch[centre]'")
        raise Misconfigured(Problem("centre.extra", what, do)) from None
    return Postgres(out)
