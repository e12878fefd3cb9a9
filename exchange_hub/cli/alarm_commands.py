"""`hub alarms`: what an operator must look at."""

import getpass
from typing import Annotated

import typer

from exchange_hub.cli.output import print_json
from exchange_hub.core.clock import in_shanghai, system_now


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("alarms")(alarms)


def alarms(
    clear: Annotated[
        tuple[str, str] | None, typer.Option(metavar="KIND SUBJECT", help="解除一条告警 / clear one alarm")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
) -> int:
    """列出或解除运维告警；有则退出码为 1 / open alarms; exit 1 where any."""
    from exchange_hub.core.notices import Actor, Role
    from exchange_hub.flows.alarms import clear_alarm, list_alarms
    from exchange_hub.flows.context import open_hub

    hub = open_hub()
    if clear:
        clear_alarm(hub, *clear, Actor(Role.OPERATOR, getpass.getuser()), system_now())
    found = list_alarms(hub)
    if as_json:
        print_json({"alarms": found})
    else:
        print_alarms(found)
        if not found:
            print("没有告警 / no alarms")
    return 1 if found else 0


def print_alarms(found: list[dict[str, object]]) -> None:
    """One line an alarm."""
    for alarm in found:
        at = f"{in_shanghai(alarm['raised_at']):%Y-%m-%d %H:%M}"  # type: ignore[arg-type]
        print(f"告警 alarm  {alarm['kind']} {alarm['subject']}  {at}  {alarm['message_zh']} / {alarm['message_en']}")
