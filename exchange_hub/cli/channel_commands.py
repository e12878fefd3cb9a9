"""`hub channels`: how the platforms' channels do, and what waits there."""

from typing import Annotated, Any

import typer

from exchange_hub.cli.output import print_json
from exchange_hub.core.clock import in_shanghai, system_now

STATES = {"closed": "正常 well   ", "resting": "暂停 resting", "probing": "待探 probing"}


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("channels")(channels)


def channels(
    retry: Annotated[
        str | None, typer.Option("--retry", metavar="PLATFORM", help="下一轮即再试该平台 / try it at the next look")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
) -> int:
    """列出各平台传输通道：断路、待取；有断开的则退出码为 1 / the platforms' channels; exit 1 where one is open."""
    from exchange_hub.flows.channels import list_channels, try_again
    from exchange_hub.flows.context import open_hub

    hub, now = open_hub(), system_now()
    if retry:
        try_again(hub, retry, now)
    found = list_channels(hub, now)
    if as_json:
        print_json({"channels": found})
    else:
        for one in found:
            _print(one)
    return 1 if any(one["state"] != "closed" for one in found) else 0


def _print(one: dict[str, Any]) -> None:
    print(f"{STATES[one['state']]}  {one['platform_code']}  {one['kind']:<6}  {one['name_zh']}")
    if one["state"] != "closed":
        until = f"{in_shanghai(one['rests_until']):%m-%d %H:%M}"
        print(
            f"    连续失败 {one['failures']} 次，{until} 起再试 / {one['failures']} failures, tried again from {until}"
        )
        print(f"    {one['error_zh']} / {one['error_en']}")
    if one["waiting_packages"]:
        left = f"{one['waiting_packages']} 包 {one['waiting_bytes']} 字节"
        print(f"    超出配额，待取 {left} / packages and bytes left at the source, over the quota")
