"""`hub audit record`, `hub audit verify`: what can be proved about a record and about the evidence (审计)."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exchange_hub.cli import access_commands, question_commands
from exchange_hub.cli.output import moment, print_json, print_table
from exchange_hub.core.clock import system_now

if TYPE_CHECKING:
    from warehouse.differences import VerifyResult

JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")]
OPERATIONS = {"insert": "新增 insert", "update": "修改 update", "delete": "撤回 delete"}


def register(app: typer.Typer) -> None:
    """Add the group of commands to the application."""
    group = typer.Typer(help="审计：记录溯源、存证核验 / history of a record, evidence", no_args_is_help=True)
    group.command("record")(record)
    group.command("verify")(verify)
    question_commands.add(group)
    access_commands.add(group)
    app.add_typer(group, name="audit")


def record(
    dataset: Annotated[str, typer.Argument(help="数据集 / dataset, e.g. SECTION")],
    data_key: Annotated[str, typer.Argument(help="数据主键 / DATA_KEY")],
    as_json: JsonOption = False,
) -> int:
    """一条记录的全部历史：谁、何时、哪个批次、改了什么 / who sent it, when, in which batch, what changed."""
    from exchange_hub.flows.audit import record_history
    from exchange_hub.flows.context import open_hub

    document = record_history(open_hub(), dataset, data_key)
    if as_json:
        print_json(document)
        return 0
    print(f"{document['dataset']} {document['dataset_zh']}  数据主键 DATA_KEY {document['data_key']}")
    _print_versions(document["versions"])
    _print_waits(document["waits"])
    _print_findings(document["findings"])
    _print_notices(document["notices"])
    return 0


def verify(
    batch: Annotated[str | None, typer.Option("--batch", metavar="NO", help="只核验这个批次 / only this batch")] = None,
    platform: Annotated[str | None, typer.Option("--platform", help="该批次的平台 / whose batch")] = None,
    as_json: JsonOption = False,
) -> int:
    """重新计算存证：记录散列、默克尔根、存证链、原始数据包；有差异则退出码为 1 / recompute the evidence."""
    from exchange_hub.flows.audit import note_verification, verify_evidence
    from exchange_hub.flows.context import open_hub

    hub = open_hub()
    result = verify_evidence(hub, batch, platform)
    if batch is None:
        note_verification(hub, result, system_now())
    if as_json:
        print_json({"ok": result.ok, **asdict(result)})
    else:
        _print_verified(result)
    return 0 if result.ok else 1


def _print_versions(versions: list[dict[str, Any]]) -> None:
    print("\n版本 versions" if versions else "\n没有入库的版本 / no version was ever stored")
    print_table(
        (
            "版本 no",
            "操作 operation",
            "入库 recorded",
            "失效 superseded",
            "平台 platform",
            "批次 batch",
            "出处 source",
            "规范",
        ),
        [
            (
                version["version_no"],
                OPERATIONS[version["operation"]],
                moment(version["recorded_at"]),
                moment(version["superseded_at"]) or "现行 current",
                version["platform_code"],
                version["batch_no"],
                f"{version['source_file']} 第{version['source_row']}行",
                version["contract_version"],
            )
            for version in versions
        ],
    )
    for version in versions:
        for name, (before, after) in version["changes"].items():
            print(f"    版本 {version['version_no']}  {name}: {before or '（空）'} → {after or '（空）'}")
    for version in versions:
        print(f"    版本 {version['version_no']}  散列 hash {version['record_hash']}")


def _print_waits(waits: list[dict[str, Any]]) -> None:
    if waits:
        print("\n等待上级记录 waited for its parent")
    for wait in waits:
        what = "、".join(f"{dataset}.{field}={value}" for dataset, field, value in wait["waits_for"])
        until = moment(wait["settled_at"]) or "至今 still"
        print(f"    批次 {wait['batch_no']}  {moment(wait['since'])} – {until}  {wait['state']}  {what}")


def _print_findings(findings: list[dict[str, Any]]) -> None:
    print("\n校验发现 findings" if findings else "\n没有校验发现 / no findings")
    for one in findings:
        what = f"{one['severity']} {one['rule_id']}#{one['rule_version']} {one['field'] or ''}: {one['message_zh']}"
        print(f"    {moment(one['found_at'])}  批次 {one['batch_no']}  {what}")


def _print_notices(notices: list[dict[str, Any]]) -> None:
    print("\n反馈通知 notices" if notices else "\n不在任何反馈通知上 / on no notice")
    for one in notices:
        fixed = f"  更正批次 corrected by {one['corrected_batch_no']}" if one["corrected_batch_no"] else ""
        print(f"    {one['notice_no']} 第{one['item_no']}条  {one['state']}  截止 due {one['due_date'] or '-'}{fixed}")


def _print_verified(result: "VerifyResult") -> None:
    said = "一致，无差异 everything is as it was sealed" if result.ok else "存在差异 differences found"
    print(f"{said}: 入库事件 loads {result.loads}, 记录版本 versions {result.versions}")
    for one in result.differences:
        where = " ".join(filter(None, (one.platform_code, one.batch_no, one.dataset, one.data_key)))
        number = f" 版本 {one.version_no}" if one.version_no is not None else ""
        print(f"  {one.message_zh} / {one.message_en}: {where}{number} {one.detail}".rstrip())
    print(f"链首 chain head（请另行保存 keep it elsewhere）: {result.head}")
