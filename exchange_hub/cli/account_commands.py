"""`hub accounts`: accounts of persons who use the portal."""

from typing import Annotated

import typer

from exchange_hub.cli.key_commands import operator
from exchange_hub.cli.output import print_json
from exchange_hub.core.clock import system_now

JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")]
Login = Annotated[str, typer.Argument(help="登录名 / login")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    accounts = typer.Typer(help="门户账号，一人一号 / accounts of the portal, one person each", no_args_is_help=True)
    accounts.command("create")(create)
    accounts.command("list")(list_)
    accounts.command("reset")(reset)
    accounts.command("disable")(disable)
    accounts.command("enable")(enable)
    app.add_typer(accounts, name="accounts")


def create(
    login: Login,
    person: Annotated[str, typer.Option("--person", help="使用人 / the person who alone uses it")],
    platform: Annotated[str | None, typer.Option("--platform", help="平台账号：平台代码 / of this platform")] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="监管账号：行政区划代码 / of this region's office")
    ] = None,
    trades: Annotated[str, typer.Option("--trades", metavar="A,B", help="交易类别，空为全部 / trades; none: all")] = "",
    admin: Annotated[bool, typer.Option("--admin", help="单位管理员 / administrator of its unit")] = False,
    as_json: JsonOption = False,
) -> int:
    """开通账号，初始口令只显示这一次 / make an account; its first password is shown this once."""
    from exchange_hub.flows.accounts import create_account
    from exchange_hub.flows.context import open_hub
    from warehouse.accounts import NewAccount

    kind = "platform" if platform else "office" if region else "hub"
    chosen = tuple(trade.strip() for trade in trades.split(",") if trade.strip())
    new = NewAccount(login, person, kind, admin, platform, region, chosen)
    return _password(login, create_account(open_hub(), new, operator(), system_now()), as_json)


def list_(as_json: JsonOption = False) -> int:
    """列出账号 / list accounts."""
    from exchange_hub.flows.accounts import KINDS, list_accounts
    from exchange_hub.flows.context import open_hub

    found = list_accounts(open_hub())
    if as_json:
        wanted = ("login", "person", "kind", "is_admin", "platform_code", "region", "trades", "created_at")
        print_json({"accounts": [{name: getattr(account, name) for name in wanted} for account in found]})
        return 0
    for account in found:
        state = "停用 disabled" if account.disabled_at else "锁定 locked" if account.locked(system_now()) else ""
        unit = account.platform_code or account.region or ""
        admin = "管理员 admin" if account.is_admin else ""
        print(f"{account.login:<20} {KINDS[account.kind]} {unit:<18} {account.person}  {admin} {state}")
    return 0


def reset(login: Login, as_json: JsonOption = False) -> int:
    """重置口令、解锁并取消动态口令 / new first password, unlocked, without second factor."""
    from exchange_hub.flows.accounts import reset_account
    from exchange_hub.flows.context import open_hub

    return _password(login, reset_account(open_hub(), login, operator(), system_now()), as_json)


def disable(login: Login) -> int:
    """停用账号 / disable an account and end its sessions."""
    return _enabled(login, False)


def enable(login: Login) -> int:
    """启用账号 / let an account in again."""
    return _enabled(login, True)


def _enabled(login: str, enabled: bool) -> int:
    from exchange_hub.flows.accounts import set_enabled
    from exchange_hub.flows.context import open_hub

    set_enabled(open_hub(), login, enabled, operator(), system_now())
    print(f"{login}: {'已启用 enabled' if enabled else '已停用 disabled'}")
    return 0


def _password(login: str, password: str, as_json: bool) -> int:
    if as_json:
        print_json({"login": login, "password": password})
    else:
        print(f"{login} 的初始口令（只显示这一次）/ first password, shown this once: {password}")
    return 0
