"""`hub notices`, `notice`, `overdue`: feedback notices."""

from pathlib import Path
from typing import Annotated

import typer

from exchange_hub.cli.alarm_commands import print_alarms
from exchange_hub.cli.output import print_json
from exchange_hub.core.clock import parse_instant, system_now

JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("notices")(notices)
    app.command("notice")(notice)
    app.command("overdue")(overdue)


def notices(
    platform: Annotated[str | None, typer.Option("--platform", help="平台代码 / platform code")] = None,
    state: Annotated[str | None, typer.Option("--state", help="状态 / state")] = None,
    as_json: JsonOption = False,
) -> int:
    """列出反馈通知和运维告警 / list feedback notices, and what an operator must look at."""
    from exchange_hub.flows.alarms import list_alarms
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.notices import list_notices

    hub = open_hub()
    rows, alarms = list_notices(hub, platform, state), list_alarms(hub)
    if as_json:
        print_json({"notices": rows, "alarms": alarms})
        return 0
    for row in rows:
        _print_row(row)
    if not rows:
        print("没有符合条件的通知 / no notices")
    print_alarms(alarms)
    return 0


def notice(
    notice_no: Annotated[str, typer.Argument(help="通知编号 / notice number")],
    as_json: JsonOption = False,
    html: Annotated[Path | None, typer.Option(help="写出 HTML / write HTML")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="写出 Excel / write Excel")] = None,
    pdf: Annotated[Path | None, typer.Option(help="写出 PDF / write PDF")] = None,
    csv: Annotated[Path | None, typer.Option(help="写出 CSV / write CSV")] = None,
) -> int:
    """显示一份反馈通知 / show one notice."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.notices import notice_as, notice_document

    hub = open_hub()
    for form, path in (("html", html), ("xlsx", xlsx), ("pdf", pdf), ("csv", csv)):
        if path is not None:
            path.write_bytes(notice_as(hub, notice_no, form))
    row, document = notice_document(hub, notice_no)
    if as_json:
        print_json(document)
        return 0
    _print_row(row)
    for item in document["items"]:
        place = f"{item['file']} 第{item['row']}行" if item["row"] else item["file"]
        print(f"  {item['item_no']:>5} {item['state']:<12} {item['dataset']} {item['data_key'] or ''} {place}")
        for finding in item["findings"]:
            print(f"        {finding['field'] or ''} {finding['rule_id']}: {finding['message_zh']}")
    return 0


def overdue(
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="TIMESTAMP", help="截至 / as of; default: now")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """列出超期未办结的通知；有则退出码为 1 / open notices past their deadline; exit 1 where any."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.notices import list_overdue

    instant = parse_instant(as_of) if as_of else system_now()
    rows = list_overdue(open_hub(), instant)
    if as_json:
        print_json({"as_of": instant.isoformat(), "overdue": rows})
    else:
        for row in rows:
            _print_row(row)
            print(f"      超期 {row['overdue_working_days']} 个工作日 working days overdue")
        if not rows:
            print("没有超期的通知 / nothing is overdue")
    return 1 if rows else 0


def _print_row(row: dict[str, object]) -> None:
    mark = "（暂定 provisional）" if row.get("provisional") else ""
    due = f"截止 due {row['due_date'] or '未送达 not delivered'}{mark}"
    who = f"平台 {row['platform_code']}  批次 {row['batch_no']}"
    print(f"{row['notice_no']}  {row['state']:<10} {who}  {due}  未办结 open {row['items_open']}/{row['items']}")
