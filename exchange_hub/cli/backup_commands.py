"""`hub backup`, `hub restore`: the whole stack into a folder and back (备份与恢复)."""

from pathlib import Path
from typing import Annotated

import typer

from exchange_hub.core.clock import parse_instant, system_now


def register(app: typer.Typer) -> None:
    """Add the two commands to the application."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(folder: Annotated[Path, typer.Argument(help="备份目录 / folder of the backup", metavar="DIR")]) -> int:
    """备份数据库、存证和密钥 / copy database, evidence and secrets of the running stack into a folder."""
    from exchange_hub.embedded.backup import backup as take

    made = take(folder, system_now())
    print(f"备份完成 done: {folder}  对象 objects {made.objects}  链首 chain head {made.chain_head}")
    return 0


def restore(
    folder: Annotated[Path, typer.Argument(help="备份目录 / folder of the backup", metavar="DIR")],
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="TIMESTAMP", help="恢复到此刻，或 latest 到日志末尾 / to this moment, or latest"
        ),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="覆盖现有数据库 / throw away what is there")] = False,
) -> int:
    """从备份恢复；之后用 hub audit verify 核验 / restore from a backup; hub audit verify then checks it."""
    from exchange_hub.embedded.restore import Until
    from exchange_hub.embedded.restore import restore as put_back

    moment: Until = "latest" if until == "latest" else parse_instant(until) if until else None
    made = put_back(folder, until=moment, replace=replace)
    print(f"恢复完成 restored: {made.taken_at} 的备份  链首 chain head {made.chain_head}")
    print("请运行 hub up 启动其余服务，hub audit verify 核验 / run hub up, then hub audit verify")
    return 0
