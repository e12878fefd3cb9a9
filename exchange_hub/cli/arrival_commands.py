"""`hub arrivals`: what did not arrive as agreed (时效性预警)."""

from typing import Annotated

import typer

from exchange_hub.cli.output import print_json
from exchange_hub.core.clock import in_shanghai, parse_instant, system_now


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("arrivals")(arrivals)


def arrivals(
    platform: Annotated[str | None, typer.Option("--platform", help="平台代码 / platform code")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="TIMESTAMP", help="截至 / as of; default: now")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
) -> int:
    """列出时效性预警（迟报、中断、骤变）；有则退出码为 1 / what did not arrive as agreed; exit 1 where any."""
    from exchange_hub.flows.arrivals import watch_arrivals
    from exchange_hub.flows.context import open_hub

    found = watch_arrivals(open_hub(), parse_instant(as_of) if as_of else system_now())
    listed = [alert for alert in found if platform is None or alert["platform_code"] == platform]
    if as_json:
        print_json({"arrivals": listed})
        return 1 if listed else 0
    for alert in listed:
        print(f"{alert['kind']:<15} {in_shanghai(alert['raised_at']):%Y-%m-%d %H:%M}  {alert['message_zh']}")
        print(f"{'':<15} 责任方 owner {alert['owner']}  {alert['message_en']}")
    if not listed:
        print("各平台均按约定报送 / all platforms send as agreed")
    return 1 if listed else 0
