"""`hub up`, `hub down`, `hub status`: the embedded stack (内置服务)."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from exchange_hub.cli.alarm_commands import print_alarms
from exchange_hub.cli.output import print_json

if TYPE_CHECKING:
    from exchange_hub.embedded.status import StackStatus


def register(app: typer.Typer) -> None:
    """Add the three commands to the application."""
    app.command("up")(up)
    app.command("down")(down)
    app.command("status")(status)


Port = Annotated[
    int | None,
    typer.Option(help="端口，默认取空闲的 / port; a free one by default", min=1, max=65535, show_default="a free one"),
]


def up(
    only: Annotated[
        str | None, typer.Option(help="只启动这些 / only these: postgres,s3,sftp,airflow,portal", metavar="A,B")
    ] = None,
    timeout: Annotated[float, typer.Option(help="最长等待秒数 / seconds to wait at most", min=1)] = 180.0,
    *,
    postgres_port: Port = None,
    s3_port: Port = None,
    sftp_port: Port = None,
    airflow_port: Port = None,
    portal_port: Port = None,
) -> int:
    """启动内置服务，已运行的保持不变 / start the embedded stack; what runs already is left alone."""
    from exchange_hub.embedded import stack

    wishes = {
        "postgres": postgres_port,
        "s3": s3_port,
        "sftp": sftp_port,
        "airflow": airflow_port,
        "portal": portal_port,
    }
    names = None if only is None else [name.strip() for name in only.split(",") if name.strip()]
    found = stack.up(
        names, _say, ports={name: port for name, port in wishes.items() if port is not None}, timeout=timeout
    )
    _print_status(found)
    return 0


def down(
    delete: Annotated[
        bool, typer.Option("--delete", help="同时删除全部数据 / also delete all data and secrets")
    ] = False,
) -> int:
    """停止内置服务 / stop the embedded stack."""
    from exchange_hub.embedded import stack

    stack.down(_say, delete=delete)
    return 0


def status(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="JSON 中含数据库口令 / the JSON holds the database password")
    ] = False,
) -> int:
    """查看内置服务的状态与地址 / state and addresses of the embedded stack."""
    from exchange_hub.embedded import stack

    found = stack.status()
    if as_json:
        url = found.database_url(with_password=show_secrets)
        print_json({**found.as_json(), "database_url": url, "alarms": _alarms(found)})
    else:
        _print_status(found)
        print_alarms(_alarms(found) or [])
    return 0


def _alarms(found: "StackStatus") -> list[dict[str, Any]] | None:
    """Open alarms; None where the database is not up."""
    from exchange_hub.core.errors import HubError
    from exchange_hub.flows.alarms import list_alarms
    from exchange_hub.flows.context import open_hub

    if found.psql is None:
        return None
    try:
        return list_alarms(open_hub())
    except HubError:  # a part of the stack is down: the table above says so
        return None


def _say(line: str) -> None:
    print(line, flush=True)


def _print_status(found: "StackStatus") -> None:
    """A table for a person; addresses are never cut, whatever the width."""
    for service in found.services:
        print(
            f"{_mark(service.running, service.healthy)}  {service.name:<22} {service.address or '-':<34} "
            f"{service.label_zh} / {service.label_en}"
        )
    if found.psql is not None:
        hint = found.psql
        print(
            f"\npsql: PGPASSFILE={hint['passfile']} {hint['program']} -h {hint['host']} -p {hint['port']} "
            f"-U {hint['user']} {hint['dbname']}"
        )
    if found.airflow_password_file is not None:
        print(f"Airflow: {found.airflow_user}, 口令在 / password in {found.airflow_password_file}")
    print(f"状态目录 / state: {found.home}    日志 / logs: {found.home}/logs")


def _mark(running: bool, healthy: bool) -> str:
    if not running:
        return "停止 down    "
    return "正常 healthy " if healthy else "异常 unwell  "
