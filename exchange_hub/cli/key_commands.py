"""`hub keys`: API keys of platforms."""

import getpass
from typing import Annotated

import typer

from exchange_hub.cli.output import print_json
from exchange_hub.core.clock import system_now

JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    keys = typer.Typer(help="平台的接口密钥 / API keys of platforms", no_args_is_help=True)
    keys.command("create")(create)
    keys.command("list")(list_)
    keys.command("revoke")(revoke)
    app.add_typer(keys, name="keys")


def operator() -> str:
    """Who types, as the book of actions writes it."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"


def create(
    platform: Annotated[str, typer.Option("--platform", help="平台代码 / platform code")],
    label: Annotated[str, typer.Option("--label", help="用途 / what it is for")] = "",
    days: Annotated[int | None, typer.Option("--days", help="有效天数 / days it holds", min=1, max=3650)] = None,
    as_json: JsonOption = False,
) -> int:
    """签发接口密钥，只显示这一次 / make an API key; it is shown this once."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.keys import create_key, key_document

    key, text = create_key(open_hub(), platform, label, operator(), system_now(), days=days)
    if as_json:
        print_json({**key_document(key), "key": text})
    else:
        print(f"密钥 key（只显示这一次 shown this once）: {text}")
        print(f"编号 key id: {key.key_id}  平台 platform: {key.platform_code}")
    return 0


def list_(
    platform: Annotated[str | None, typer.Option("--platform", help="平台代码 / platform code")] = None,
    as_json: JsonOption = False,
) -> int:
    """列出接口密钥 / list API keys, without their secrets."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.keys import key_document, list_keys

    found = list_keys(open_hub(), platform)
    if as_json:
        print_json({"keys": [key_document(key) for key in found]})
        return 0
    for key in found:
        state = (
            "已撤销 revoked" if key.revoked_at else "有效 in force" if key.usable(system_now()) else "已过期 expired"
        )
        print(f"{key.key_id}  {key.platform_code}  {state:<16} {key.created_at:%Y-%m-%d}  {key.label}")
    if not found:
        print("没有密钥 / no keys")
    return 0


def revoke(
    key_id: Annotated[str, typer.Argument(help="密钥编号 / key id")],
    as_json: JsonOption = False,
) -> int:
    """撤销接口密钥 / revoke an API key."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.keys import key_document, revoke_key

    key = revoke_key(open_hub(), key_id, operator(), system_now())
    if as_json:
        print_json(key_document(key))
    else:
        print(f"已撤销 revoked: {key.key_id}")
    return 0
