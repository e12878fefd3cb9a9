"""`hub audit as-of`, `changes`, `timeline`, `rejection`, `prove`, `pictures` …: the questions of auditors (审计)."""

import json
from pathlib import Path
from typing import Annotated

import typer

from exchange_hub.cli.output import moment, print_json, print_table
from exchange_hub.core.clock import parse_instant, system_now

JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")]
Dataset = Annotated[str, typer.Argument(help="数据集 / dataset, e.g. SECTION")]
Key = Annotated[str, typer.Argument(help="数据主键 / DATA_KEY")]


def add(group: typer.Typer) -> None:
    """Add the commands to `hub audit`."""
    group.command("as-of")(as_of)
    group.command("changes")(changes)
    group.command("timeline")(timeline)
    group.command("rejection")(rejection)
    group.command("prove")(prove)
    group.command("dictionary")(dictionary)
    group.command("recordings")(recordings)
    group.command("pictures")(pictures)


def as_of(
    dataset: Dataset,
    data_key: Key,
    day: Annotated[str, typer.Argument(help="日期或时刻，如 2026-11-24 / day or instant")],
    as_json: JsonOption = False,
) -> int:
    """一条记录在某日的内容（当日零时） / what a record said on a day (at its beginning) or at an instant."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.questions import record_as_of

    found = record_as_of(open_hub(), dataset, data_key, parse_instant(day))
    if as_json:
        print_json(found)
        return 0
    state = "已撤回 withdrawn" if found["is_deleted"] else "有效 in force"
    print(
        f"{dataset} {data_key}  版本 version {found['version_no']}  {state}  规范 contract {found['contract_version']}"
    )
    print(f"  入库 recorded {moment(found['recorded_at'])}  平台 {found['platform_code']}  批次 {found['batch_no']}")
    print(f"  出处 source {found['source_file']} 第{found['source_row']}行  散列 hash {found['record_hash']}")
    print_table(("字段 field", "值 value"), list(found["payload"].items()))
    return 0


def changes(dataset: Dataset, data_key: Key, as_json: JsonOption = False) -> int:
    """谁在哪份通知之后改了它 / who changed it, after which notice."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.questions import record_changes

    rows = record_changes(open_hub(), dataset, data_key)
    if as_json:
        print_json({"changes": rows})
        return 0
    for row in rows:
        print(f"版本 {row['version_no']}  {row['operation']}  {moment(row['recorded_at'])}  {row['batch_no']}", end="")
        after = {True: "期限内 in time", False: "逾期 late", None: "未送达 not delivered"}[row["in_time"]]
        print(f"  更正通知 {row['notice_no']} 第{row['item_no']}条（{after}）" if row["notice_no"] else "")
    return 0


def timeline(
    code: Annotated[str, typer.Argument(help="项目编号，土地矿业为统一交易标识码 / project code or deal code")],
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="TIMESTAMP", help="缺口截至 / gaps as of")] = None,
    as_json: JsonOption = False,
) -> int:
    """一个项目的全过程与缺口；有缺口则退出码为 1 / events of a project and its gaps; exit 1 where any."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.questions import project_timeline

    found = project_timeline(open_hub(), code, parse_instant(as_of) if as_of else system_now())
    if as_json:
        print_json(found)
    else:
        head = ("发生 occurred", "环节 stage", "数据集 dataset", "标段 section", "主键 DATA_KEY", "入库 recorded")
        names = ("stage", "dataset", "bid_section_code", "data_key")
        print_table(
            head,
            [
                (moment(e["occurred_at"]), *(e[name] or "" for name in names), moment(e["recorded_at"]))
                for e in found["events"]
            ],
        )
        for gap in found["gaps"]:
            due = f"，应于 {moment(gap['due'])} 前 due" if gap["due"] else ""
            print(f"  缺口 gap: {gap['bid_section_code']} {gap['gap_zh']} / {gap['gap_en']}{due}")
    return 1 if found["gaps"] else 0


def rejection(
    notice_no: Annotated[str, typer.Argument(help="通知编号 / notice number")],
    item: Annotated[int | None, typer.Argument(help="条目序号 / item")] = None,
    as_json: JsonOption = False,
) -> int:
    """哪个规范版本、规则和日历造成了退回 / which contract version, rule text and calendar produced a rejection."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.questions import rejection as ask

    rows = ask(open_hub(), notice_no, item)
    if as_json:
        print_json({"rejection": rows})
        return 0
    first = rows[0]
    print(f"{notice_no}  规范 contract {first['contract_version']}  签发 issued {moment(first['issued_at'])}")
    days = "、".join(f"{day:%m-%d}" for day in first["counted_days"] or ())
    print(
        f"  期限 due {moment(first['due_at'])}  日历 calendar {first['calendar_version'] or '-'}  计入 counted {days}"
    )
    for row in rows:
        rule = f"{row['rule_id']}#{row['rule_version'] or ''}"
        print(f"  第{row['item_no']}条 {row['dataset']} {row['data_key']}  {rule} {row['field'] or ''}")
        print(f"      {row['message_zh']}")
        print(f"      报送 sent: {row['value'] or '（空）'}  应为 expected: {row['expected_zh']}")
    return 0


def prove(
    dataset: Dataset,
    data_key: Key,
    version: Annotated[int | None, typer.Option("--version", help="版本号 / version; default: newest")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="写入文件 / write to this file")] = None,
    with_personal: Annotated[
        bool, typer.Option("--with-personal", help="含个人信息原文 / with the text even where it has personal values")
    ] = False,
) -> int:
    """一条记录已存证的证明，第三方可用 check_proof.py 核验 / a proof that a third party checks without the hub."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.questions import prove_record

    proof = prove_record(open_hub(), dataset, data_key, version, with_personal=with_personal)
    if out is None:
        print_json(proof)
    else:
        out.write_text(json.dumps(proof, ensure_ascii=False, indent=2) + "\n", "utf-8")
        print(f"已写入 written: {out}  链首 head {proof['head']['seq']}: {proof['head']['chain']}")
    return 0


def dictionary(
    out: Annotated[Path, typer.Argument(help="写入文件 / Markdown file to write")],
    schema: Annotated[list[str] | None, typer.Option("--schema", help="只写此模式 / only this schema")] = None,
) -> int:
    """写出数据字典：全部视图、列及说明 / write the data dictionary: every view, column and comment."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.questions import data_dictionary

    out.write_text(data_dictionary(open_hub(), schema or ["audit", "exchange"]), "utf-8")
    print(f"已写入 written: {out}")
    return 0


def recordings(
    platform: Annotated[str | None, typer.Option("--platform", help="只看此平台 / only this platform")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="TIMESTAMP", help="截至 / as of")] = None,
    host: Annotated[
        list[str] | None, typer.Option("--host", help="可访问的主机，读取文件头核查 / ask this host")
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="读取全文并核验散列 / read all, prove the hash")] = False,
    limit: Annotated[int, typer.Option("--limit", help="最多核查份数 / media at most")] = 100,
    tell: Annotated[
        bool, typer.Option("--tell", help="将新缺口通知各平台 / send platforms a notice of new gaps")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """音视频与开标、评标核对；有缺口则退出码为 1 / recordings against sessions; exit 1 where there are gaps."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.gaps import review_recordings
    from exchange_hub.flows.recordings import check_media, recording_gaps

    at = parse_instant(as_of) if as_of else system_now()
    hub = open_hub()
    media = check_media(hub, at, frozenset(host), limit, whole=whole) if host else []
    if tell:
        review_recordings(hub, at)
    gaps = recording_gaps(hub, at, platform)
    if as_json:
        print_json({"gaps": gaps, "media": media})
    else:
        for gap in gaps:
            what = f"{gap['gap']} {gap['gap_zh']} {gap['recording_code'] or ''}"
            print(f"{gap['platform_code']}  {gap['bid_section_code']}  {gap['stage']}  {what}  {moment(gap['since'])}")
        for one in media:
            print(f"{one['recording_code']}  {one['state']}  {'；'.join(one['problems'])}")
        if not gaps:
            print("没有缺口 / no gaps")
    return 1 if gaps or any(one["state"] == "differs" for one in media) else 0


def pictures(
    dataset: Dataset,
    data_key: Key,
    folder: Annotated[Path, typer.Argument(help="写入目录 / folder to write to", metavar="DIR")],
) -> int:
    """画出记录历程、来源证明、项目全过程 / draw as SVG a record's course, its provenance, its project's timeline."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.pictures import draw

    drawn = draw(open_hub(), dataset, data_key, system_now())
    folder.mkdir(parents=True, exist_ok=True)
    for name, svg in drawn.items():
        (folder / f"{name}.svg").write_text(svg, "utf-8")
        print(f"已写入 written: {folder / name}.svg")
    return 0
