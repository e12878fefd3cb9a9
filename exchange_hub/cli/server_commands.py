"""`hub prepare`: servers of one's own made ready, at installation and at every upgrade (生产环境)."""

import sys
from typing import Annotated

import typer

from exchange_hub.core.clock import system_now
from exchange_hub.core.settings import settings


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("prepare")(prepare)


def prepare(
    closing_sql: Annotated[
        str | None,
        typer.Option(
            "--closing-sql", metavar="OWNER", help="只输出需由超级用户执行一次的语句 / print the superuser's SQL"
        ),
    ] = None,
) -> int:
    """使自备的数据库、对象存储达到本版本要求，可重复执行 / bring one's own database and store up to date."""
    from exchange_hub.flows import servers

    if closing_sql is not None:
        sys.stdout.write(servers.closing_sql(closing_sql))
        return 0
    password = servers.prepare_servers(settings(), system_now())
    print("已就绪 ready: 数据库 database, 对象存储 object store")
    if password is not None:
        print(f"门户管理员 admin 的口令（只显示这一次）/ portal: password of admin, shown this once: {password}")
    return 0
