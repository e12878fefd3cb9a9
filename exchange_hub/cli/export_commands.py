"""`hub export ocds`: tenders, awards and contracts for others' tools (数据导出)."""

from pathlib import Path
from typing import Annotated

import typer

from exchange_hub.cli.output import print_json
from exchange_hub.core.clock import parse_instant, system_now


def register(app: typer.Typer) -> None:
    """Add the group of commands to the application."""
    group = typer.Typer(help="导出：开放采购数据 OCDS / export for others' tools", no_args_is_help=True)
    group.callback()(_group)
    group.command("ocds")(ocds)
    app.add_typer(group, name="export")


def _group() -> None:
    """A group with one command stays a group."""


def ocds(
    since: Annotated[str, typer.Option("--from", metavar="TIMESTAMP", help="起（含） / from this day or instant")],
    until: Annotated[str, typer.Option("--to", metavar="TIMESTAMP", help="止（不含） / up to, not with, this one")],
    out: Annotated[Path, typer.Option("-o", "--out", help="写入文件 / file to write")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
) -> int:
    """导出某时段招标、中标、合同的 OCDS 1.1 发布包，不含个人信息 / an OCDS 1.1 release package, no personal data."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.ocds import export_ocds

    counts = export_ocds(open_hub(), parse_instant(since), parse_instant(until), out, system_now())
    if as_json:
        print_json({"file": str(out), "releases": counts})
        return 0
    labels = {"tender": "招标 tender", "award": "中标 award", "contract": "合同 contract"}
    print(f"已写入 written: {out}  " + "  ".join(f"{labels[stage]} {number}" for stage, number in counts.items()))
    return 0
