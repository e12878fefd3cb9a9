"""`hub bulletin`: the bulletin of a month."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exchange_hub.cli.output import moment, print_json, print_table
from exchange_hub.core.clock import parse_instant, system_now

if TYPE_CHECKING:
    from feedback.bulletin import Bulletin


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("bulletin")(bulletin)


def bulletin(
    month: Annotated[str, typer.Argument(help="月份，如 2026-11 / month")],
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="TIMESTAMP", help="截止时点 / as known at; default: now"),
    ] = None,
    region: Annotated[str, typer.Option("--region", help="行政区划代码或其开头 / region or its beginning")] = "",
    trade: Annotated[list[str] | None, typer.Option("--trade", help="交易类别，可重复 / trade, repeatable")] = None,
    platform: Annotated[
        list[str] | None, typer.Option("--platform", help="平台代码，可重复 / platform, repeatable")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
    html: Annotated[Path | None, typer.Option(help="写出 HTML / write HTML")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="写出 Excel / write Excel")] = None,
) -> int:
    """某月的数据质量通报：完整性、准确性、及时性、覆盖率、整改率、一次通过率 / bulletin on a month's data quality."""
    from exchange_hub.flows.bulletin import everything, make_bulletin, parse_month
    from exchange_hub.flows.context import open_hub
    from feedback.render_bulletin import bulletin_document, bulletin_form

    asked, instant = parse_month(month), parse_instant(as_of) if as_of else system_now()
    hub = open_hub()
    made = make_bulletin(hub, asked, instant, everything(hub, region, trade or (), platform or ()))
    for form, path in (("html", html), ("xlsx", xlsx)):
        if path is not None:
            path.write_bytes(bulletin_form(made, form))
    if as_json:
        print_json(bulletin_document(made))
    else:
        _print(made)
    return 0


def _print(made: "Bulletin") -> None:
    from feedback.bulletin import MEASURES

    print(f"{made.title}  截止 as known at {moment(made.as_of)}")
    lines = [(line.name_zh, line.this) for line in made.lines]
    if len(lines) > 1:
        lines.append(("合计 total", made.total[-1]))
    rows = []
    for name, this in lines:
        ratios = (this.ratios[m.key] for m in MEASURES)
        rows.append((name, *(f"{r.percent} ({r.numerator}/{r.denominator})" for r in ratios)))
    print_table(("平台 platform", *(f"{m.zh} {m.en}" for m in MEASURES)), rows)
    if not rows:
        print("所选范围内没有平台 / no platform within this scope")
