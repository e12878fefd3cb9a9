"""`hub deadline`: the five working days (Art. 10)."""

from typing import Annotated

import typer

from exchange_hub.cli.output import print_json
from exchange_hub.core.clock import iso, parse_instant


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("deadline")(deadline)


def deadline(
    received_at: Annotated[str, typer.Argument(metavar="TIMESTAMP", help="收到时间 / when the notice was received")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
) -> int:
    """收到通知后何时截止（5个工作日）/ when the answer is due for a notice received then."""
    from feedback.working_days import deadline as due

    result = due(parse_instant(received_at), "hub deadline")
    document = {
        "received_at": iso(result.received_at),
        "due_date": result.due_date.isoformat(),
        "due_at": iso(result.due_at),
        "counted_days": [day.isoformat() for day in result.counted_days],
        "provisional": result.provisional,
        "calendar_version": result.calendar_version,
        "policy": result.policy,
    }
    if as_json:
        print_json(document)
        return 0
    weekdays = "一二三四五六日"
    print(f"截止 due: {result.due_date} 星期{weekdays[result.due_date.weekday()]} 24:00")
    counted = "、".join(f"{day:%m-%d}(周{weekdays[day.weekday()]})" for day in result.counted_days)
    print(f"计入的5个工作日 counted days: {counted}")
    if result.provisional:
        print("暂定：国务院尚未公布该年放假安排 / provisional: that year's calendar is not published yet")
    return 0
