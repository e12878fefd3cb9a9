"""`hub lake publish`, `hub lake show`: the clean data in the object store, for DuckDB, Trino or Spark (数据湖)."""

from typing import Annotated

import typer

from exchange_hub.cli.output import print_json, print_table
from exchange_hub.core.clock import system_now

JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")]


def register(app: typer.Typer) -> None:
    """Add the group of commands to the application."""
    group = typer.Typer(help="数据湖：对象存储中的 Iceberg 表 / tables in the object store", no_args_is_help=True)
    group.command("publish")(publish)
    group.command("show")(show)
    app.add_typer(group, name="lake")


def publish(as_json: JsonOption = False) -> int:
    """把上次之后入库的数据发布到数据湖；没有新数据则不写 / publish what was loaded since the last time, if anything."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.lake import publish_lake

    done = publish_lake(open_hub(), system_now())
    if as_json:
        print_json(done)
        return 0
    print(f"已发布至入库链第 {done['through_seq']} 位 published through load {done['through_seq']}")
    print(f"  版本 versions {done['versions']}  数据集 datasets {len(done['tables'])}")
    print_table(("数据集 dataset", "版本 versions"), sorted(done["tables"].items()))
    if done["anew"]:
        print(f"  脱敏字段有变，已重新发布 published anew, other fields are masked now: {'、'.join(done['anew'])}")
    return 0


def show(as_json: JsonOption = False) -> int:
    """列出数据湖中的表、行数和元数据文件 / tables of the lake, their rows and metadata files."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.lake import show_lake

    state = show_lake(open_hub())
    if as_json:
        print_json(state)
        return 0
    print(f"存储桶 bucket {state['bucket']}  已发布至 published through load {state['through_seq']}")
    names = ("table", "label_zh", "versions", "files", "through_seq", "metadata")
    head = ("表 table", "数据集 dataset", "版本 versions", "文件 files", "至 through", "元数据 metadata")
    print_table(head, [tuple(row[name] for name in names) for row in state["tables"]])
    return 0
