"""`hub sample`: a package of linked, plausible, invented records."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from exchange_hub.cli.output import print_json
from exchange_hub.core.errors import UsageError
from exchange_hub.sample.options import DEFAULT_BASE_DATE, DEFAULT_PLATFORM, DEFAULT_VERSION, SampleOptions


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("sample")(sample)


def sample(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="写入的文件夹 / folder to write")],
    *,
    platform: Annotated[str, typer.Option(help="交易系统标识码 / platform code")] = DEFAULT_PLATFORM,
    projects: Annotated[int, typer.Option(help="项目数，每个约60条记录 / projects, about 60 records each")] = 5,
    seed: Annotated[int, typer.Option(help="随机种子，同参数同字节 / seed; same arguments, same bytes")] = 1,
    form: Annotated[str, typer.Option("--format", help="xml | csv | jsonl | parquet")] = "xml",
    datasets: Annotated[
        str,
        typer.Option(help="只写这些数据集，规范中的任意数据集，逗号分隔 / only these datasets, any of the spec: A,B"),
    ] = "",
    faults: Annotated[float, typer.Option(help="植入差错的记录百分比 / percentage of records with a fault")] = 0.0,
    fault_names: Annotated[str, typer.Option(help="只植入这些差错，逗号分隔 / only these faults: a,b")] = "",
    batch_no: Annotated[str | None, typer.Option(help="批次号 / batch number")] = None,
    encoding: Annotated[str, typer.Option(help="csv 编码：utf-8、gb18030、gbk / encoding of csv")] = "utf-8",
    contract_version: Annotated[str, typer.Option(help="规范版本 / contract version")] = DEFAULT_VERSION,
    base_date: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="数据包日期，记录均早于此日 / date of the package")
    ] = datetime.combine(DEFAULT_BASE_DATE, datetime.min.time()),
    zipped: Annotated[bool, typer.Option("--zip", help="另存为 DIR.zip / pack as DIR.zip as well")] = False,
    tarred: Annotated[bool, typer.Option("--tar", help="另存为 DIR.tar.gz / pack as DIR.tar.gz as well")] = False,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有样例 / overwrite an earlier sample")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
) -> int:
    """生成样例数据包：虚构而合理、相互关联的记录 / write a package of linked, plausible, invented records."""
    from exchange_hub.sample.archive import pack
    from exchange_hub.sample.folder import make_ready
    from exchange_hub.sample.write import check_sample, manifest_document, write_package

    options = SampleOptions(
        platform=platform,
        projects=projects,
        seed=seed,
        format=form,
        datasets=_names(datasets),
        faults=faults,
        fault_names=_names(fault_names),
        batch_no=batch_no,
        encoding=encoding,
        contract_version=contract_version,
        base_date=base_date.date(),
    )
    check_sample(options)
    make_ready(folder, force=force)
    manifest = write_package(folder, options)
    suffixes = [suffix for suffix, wanted in ((".zip", zipped), (".tar.gz", tarred)) if wanted]
    archives = [pack(folder, folder.with_name(folder.name + suffix)) for suffix in suffixes]
    records = sum(entry.records for entry in manifest.files)
    if as_json:
        paths = {"folder": str(folder), "archives": [str(path) for path in archives]}
        print_json({**paths, "records": records, "manifest": manifest_document(manifest)})
        return 0
    print(f"已生成样例数据包 sample written: {folder}（批次 batch {manifest.batch_no}，记录 records {records}）")
    for entry in manifest.files:
        print(f"  {entry.path:<44} {entry.records:>9}")
    for path in (*archives, *([folder / "faults.json"] if faults else [])):
        print(f"  {path}")
    return 0


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if text and not names:
        raise UsageError("BAD_SAMPLE_OPTION", f"名称列表为空：{text!r}", f"an empty list of names: {text!r}")
    return names
