"""`hub audit login`, `grant`, `revoke`, `grants`, `looked`: who may see what, and who looked at what (Art. 12, 21)."""

from pathlib import Path
from typing import Annotated

import typer

from exchange_hub.cli.output import moment, print_json, print_table
from exchange_hub.core.clock import parse_instant, system_now
from exchange_hub.core.errors import UsageError

JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")]
Login = Annotated[str, typer.Argument(help="数据库登录账号 / database login")]
Reason = Annotated[str, typer.Option("--reason", help="理由，记录在案 / why; goes on record")]


def add(group: typer.Typer) -> None:
    """Add the commands to `hub audit`."""
    group.command("login")(login)
    group.command("grant")(grant)
    group.command("revoke")(revoke)
    group.command("grants")(grants)
    group.command("looked")(looked)


def login(
    name: Login,
    group: Annotated[str, typer.Option("--group", help="auditor, supervisor, office, platform, engineer")] = "auditor",
) -> int:
    """开通数据库账号；口令只显示这一次 / make a login; its password is shown this once."""
    from exchange_hub.flows.access import make_login
    from exchange_hub.flows.context import open_hub

    password = make_login(open_hub(), name, group)
    print(f"账号 login {name}  角色 group {group}\n口令（只显示这一次）password, shown this once: {password}")
    print("尚未授权数据范围，请运行 hub audit grant / it sees nothing yet: hub audit grant")
    return 0


def grant(
    name: Login,
    reason: Reason,
    region: Annotated[str, typer.Option("--region", help="行政区划，含下级；* 全部 / region with all below it")] = "*",
    trade: Annotated[str, typer.Option("--trade", help="交易类别；* 全部 / trade, e.g. engineering")] = "*",
    platform: Annotated[str | None, typer.Option("--platform", help="只限此平台 / only this platform")] = None,
    personal: Annotated[bool, typer.Option("--personal", help="查看个人信息 / see personal values unmasked")] = False,
    until: Annotated[str | None, typer.Option("--until", metavar="TIMESTAMP", help="有效期至 / until when")] = None,
) -> int:
    """授权：数据范围，或限期查看个人信息 / grant a scope, or personal values for a time."""
    from exchange_hub.flows.access import grant_personal, grant_scope
    from exchange_hub.flows.context import open_hub
    from warehouse.access import Scope

    end = parse_instant(until) if until else None
    if personal and end is None:
        raise UsageError("NEEDS_UNTIL", "查看个人信息必须限期：--until", "personal values need an end: --until")
    if personal and end is not None:
        grant_personal(open_hub(), name, reason, system_now(), end)
    else:
        grant_scope(open_hub(), name, Scope(region, trade, platform), reason, system_now(), end)
    print(f"已授权 granted: {name}")
    return 0


def revoke(
    name: Login,
    reason: Reason,
    personal: Annotated[bool, typer.Option("--personal", help="只撤销个人信息授权 / only personal values")] = False,
    close: Annotated[bool, typer.Option("--close", help="同时停用账号 / close the login, too")] = False,
) -> int:
    """撤销授权；记录保留 / revoke; what was granted stays on record."""
    from exchange_hub.flows.access import revoke as end
    from exchange_hub.flows.context import open_hub

    end(open_hub(), name, reason, system_now(), personal=personal, close=close)
    print(f"已撤销 revoked: {name}")
    return 0


def grants(as_json: JsonOption = False) -> int:
    """列出全部授权记录 / list all grants on record."""
    from exchange_hub.flows.access import list_grants
    from exchange_hub.flows.context import open_hub

    rows = list_grants(open_hub())
    if as_json:
        print_json({"grants": rows})
        return 0
    head = (
        "账号 login",
        "类别 kind",
        "区划 region",
        "类别 trade",
        "平台 platform",
        "理由 reason",
        "授权 granted",
        "撤销 revoked",
    )
    print_table(head, [_grant_row(row) for row in rows])
    return 0


def looked(
    login_name: Annotated[str | None, typer.Option("--login", help="只看此账号 / only this login")] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="TIMESTAMP", help="自 / since when")] = None,
    limit: Annotated[int, typer.Option("--limit", help="最多条数 / at most")] = 100,
    log: Annotated[list[Path] | None, typer.Option("--log", help="服务器 JSON 日志 / JSON log of the server")] = None,
    as_json: JsonOption = False,
) -> int:
    """谁查询过什么 / who looked at what."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.questions import who_looked

    rows = who_looked(open_hub(), login_name, parse_instant(since) if since else None, limit, log or [])
    if as_json:
        print_json({"looked": rows})
        return 0
    for row in rows:
        print(f"{moment(row['at'])}  {row['login']}  {row['client']}  {' '.join(row['statement'].split())}")
    if not rows:
        print("没有查询记录 / nothing on record")
    return 0


def _grant_row(row: dict[str, object]) -> tuple[object, ...]:
    where = [row[name] or "" for name in ("region", "trade", "platform_code")]
    granted, revoked = (moment(row[name]) for name in ("granted_at", "revoked_at"))  # type: ignore[arg-type]
    return row["login"], row["kind"], *where, row["reason"], granted, revoked
