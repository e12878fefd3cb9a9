"""`hub submit` and `hub ingest`: packages in."""

from pathlib import Path
from typing import Annotated

import typer

from exchange_hub.cli.output import print_json, print_report, status_of
from exchange_hub.core.clock import system_now


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("submit")(submit)
    app.command("ingest")(ingest)


def submit(
    path: Annotated[Path, typer.Argument(help="数据包：zip、tar.gz 或文件夹 / package: zip, tar.gz or folder")],
    platform: Annotated[str, typer.Option("--platform", help="平台代码 / platform code")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
) -> int:
    """像平台那样交一个数据包，由 DAG 取走 / hand a package in, as the platform would; its DAG collects it."""
    from exchange_hub.flows.submit import submit as hand_in

    address = hand_in(path, platform)
    if as_json:
        print_json({"platform_code": platform, "address": address})
    else:
        print(f"已提交 submitted: {address}")
    return 0


def ingest(
    path: Annotated[Path, typer.Argument(help="数据包：zip、tar.gz 或文件夹 / package: zip, tar.gz or folder")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
) -> int:
    """一个数据包的全程：接收、校验、入库、反馈 / the whole way for one package, without Airflow."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.ingest import ingest as whole_way

    report = whole_way(open_hub(), path, system_now(), channel="cli")
    if as_json:
        print_json(report)
    else:
        print_report(report)
    return status_of(report)
