"""`hub correct`: from a corrected workbook to a package that can be sent."""

from pathlib import Path
from typing import Annotated

import typer

from exchange_hub.cli.output import print_json, print_report, status_of
from exchange_hub.core.clock import system_now
from exchange_hub.core.settings import settings


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("correct")(correct)


def correct(
    workbook: Annotated[Path, typer.Argument(help="hub check --xlsx 写出并已更正的工作簿 / corrected workbook")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="写出的更正包：.zip、.tar.gz 或新文件夹 / package to write")
    ],
    original: Annotated[
        Path | None, typer.Option(help="原数据包；默认为工作簿旁的同名包 / the package that was checked")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="写出整包，而不只是更正的记录 / all records, not only the corrected ones")
    ] = False,
    corrects: Annotated[
        list[str] | None, typer.Option(help="所答复的反馈通知编号，可多次 / number of the notice it answers")
    ] = None,
    batch_no: Annotated[str | None, typer.Option(help="新批次号 / batch number of the new package")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
) -> int:
    """由更正后的工作簿生成更正包并校验 / make a package of a corrected workbook, and check it."""
    from exchange_hub.flows.check import check_package
    from exchange_hub.flows.recorrect import Wish, correct_workbook
    from feedback.report import report_document

    now = system_now()
    wish = Wish(whole, tuple(corrects or ()), batch_no)
    made = correct_workbook(workbook, original, output, now, settings(), wish)
    report = report_document(check_package(output, now, settings()).report)
    if as_json:
        print_json(
            {
                "package": str(output),
                "batch_no": made.batch_no,
                "records": made.written,
                "changed": made.changed,
                "skipped": made.skipped,
                "untouched": made.untouched,
                "report": report,
            }
        )
    else:
        print(
            f"更正包 package {output}  批次 batch {made.batch_no}\n  更正 changed {made.changed}  不报送 skipped "
            f"{made.skipped}  未改动 untouched {made.untouched}  写出 written {made.written}"
        )
        print_report(report)
    return status_of(report)
