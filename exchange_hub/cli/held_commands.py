"""`hub held list`, `hub held settle`: records that wait for their parent (待父级记录)."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from exchange_hub.cli.output import print_json
from exchange_hub.core.clock import parse_instant, system_now

JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")]


def register(app: typer.Typer) -> None:
    """Add the group of commands to the application."""
    group = typer.Typer(help="待父级记录 / records that wait for their parent", no_args_is_help=True)
    group.command("list")(list_held)
    group.command("settle")(settle)
    app.add_typer(group, name="held")


def list_held(
    platform: Annotated[str | None, typer.Option("--platform", help="平台代码 / platform code")] = None,
    as_json: JsonOption = False,
) -> int:
    """列出等待上级记录的记录，及何时期满退回 / what waits, for what, and when it is rejected."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.waiting import list_held as waiting

    rows = waiting(open_hub(), platform)
    if as_json:
        print_json({"held": rows})
        return 0
    for row in rows:
        _print_row(row)
    print(
        f"共 {len(rows)} 条记录在等待上级记录 / {len(rows)} records wait" if rows else "没有等待的记录 / nothing waits"
    )
    return 0


def settle(
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="TIMESTAMP", help="截至 / as of; default: now")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """放行上级已到的记录，退回等待期满的记录（每日自动执行）/ release or reject now what the daily run would."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.held import settle_held

    settled = settle_held(open_hub(), parse_instant(as_of) if as_of else system_now())
    if as_json:
        print_json(asdict(settled))
    else:
        print(
            f"放行 released {settled.accepted}  期满或有误退回 rejected {settled.rejected}"
            f"  已被后续批次取代 superseded {settled.superseded}"
        )
        for number in settled.notices:
            print(f"  反馈通知 notice: {number}")
    return 1 if settled.rejected else 0


def _print_row(row: dict[str, Any]) -> None:
    waits = "、".join(f"{dataset}.{field}={value}" for dataset, field, value in row["waits_for"])
    place = f"{row['source_file']} 第{row['source_row']}行"
    print(f"{row['dataset']} {row['data_key']}  平台 {row['platform_code']}  批次 {row['batch_no']}  {place}")
    print(f"      等待 waits for {waits}；期满 rejected at {row['rejected_at']}")
