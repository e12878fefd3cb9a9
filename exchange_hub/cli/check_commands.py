"""`hub check`: what a centre runs before it sends."""

from pathlib import Path
from typing import Annotated

import typer

from exchange_hub.cli.output import print_json, print_report, status_of
from exchange_hub.core.clock import system_now
from exchange_hub.core.errors import UsageError
from exchange_hub.core.settings import settings


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("check")(check)


def check(
    path: Annotated[
        Path, typer.Argument(help="数据包（zip、tar.gz、文件夹）或单个数据文件 / package or one data file")
    ],
    dataset: Annotated[str | None, typer.Option(help="单个数据文件的数据集 / dataset of a single data file")] = None,
    contract_version: Annotated[
        str | None, typer.Option(help="单个数据文件的规范版本 / contract version of a single data file")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="按另一规范版本（含草案）试校验 / hold against another release, drafts too")
    ] = None,
    closed: Annotated[bool, typer.Option("--closed", help="父级记录须在包内 / parents must be in the package")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
    html: Annotated[Path | None, typer.Option(help="写出 HTML 报告 / write an HTML report")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="写出 Excel 报告 / write an Excel report")] = None,
    csv: Annotated[Path | None, typer.Option(help="写出全部问题（CSV） / write all findings as CSV")] = None,
) -> int:
    """发送前校验，不需要任何服务 / validate before sending; no service is needed."""
    from exchange_hub.flows import check as flow
    from feedback.report import report_document

    now = system_now()
    if dataset is None:
        checked = flow.check_package(path, now, settings(), closed=closed, against=against)
    elif contract_version is None:
        raise UsageError(
            "NO_CONTRACT_VERSION", "请同时给出 --contract-version", "--dataset needs --contract-version as well"
        )
    else:
        checked = flow.check_data_file(path, dataset, contract_version, now, settings(), closed=closed)
    if targets := flow.Targets(html, xlsx, csv):
        flow.write_report_files(checked, now, targets)
    document = report_document(checked.report)
    if as_json:
        print_json(document)
    else:
        print_report(document)
    return status_of(document)
