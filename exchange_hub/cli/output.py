"""Printing for the command line: one JSON document, or a few lines for a person."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from exchange_hub.core.clock import in_shanghai, iso
from exchange_hub.core.records import Verdict
from exchange_hub.core.tables import table_lines

VERDICTS = {
    Verdict.ACCEPTED: "全部接收 accepted",
    Verdict.PARTIALLY_ACCEPTED: "部分接收 partially accepted",
    Verdict.REJECTED: "全部退回 rejected",
    Verdict.REFUSED: "整批拒收 refused",
}
SEVERITIES = {"reject": "退回 reject", "query": "存疑 query", "alert": "预警 alert"}


def print_json(document: Mapping[str, Any] | Sequence[Any]) -> None:
    """One JSON document on stdout, UTF-8, and nothing else."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=_plain) + "\n")


def _plain(value: object) -> str:
    """Instants in ISO 8601 with their zone, to the second; days as yyyy-mm-dd; the rest as text."""
    if isinstance(value, datetime):
        return iso(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns for a person, wide Chinese characters counted as two; nothing is ever cut. No rows: nothing."""
    for line in table_lines(head, rows):
        print(f"  {line}")


def moment(instant: datetime | None) -> str:
    """An instant for a person, in Asia/Shanghai, to the second; empty for none."""
    return "" if instant is None else f"{in_shanghai(instant):%Y-%m-%d %H:%M:%S}"


def print_report(report: Mapping[str, Any], *, most: int = 20) -> None:
    """A report document (interfaces, section 4) for a person: verdict, counts, then the first findings."""
    who = f"批次 batch {report['batch_no'] or '?'}  平台 platform {report['platform_code'] or '?'}"
    print(f"{VERDICTS[report['verdict']]}  {who}")
    if refusal := report["refusal"]:
        print(
            f"  {refusal['code']}: {refusal['message_zh']}\n  {refusal['message_en']}\n  位置 where: {refusal['where']}"
        )
    else:
        _print_counts(report)
        _print_findings(report, most)
        _print_across(report.get("across_datasets"), most)
    if report["notice_no"]:
        print(f"  反馈通知 notice: {report['notice_no']}")
    for reminder in report["reminders"]:
        print(f"  提醒 reminder: {reminder}")


def status_of(report: Mapping[str, Any]) -> int:
    """Exit status: 0 when nothing was rejected or refused, else 1."""
    return 1 if report["verdict"] == Verdict.REFUSED or report["counts"]["rejected"] else 0


def _print_counts(report: Mapping[str, Any]) -> None:
    counts = report["counts"]
    print(
        f"  收到 received {counts['received']}  接收 accepted {counts['accepted']}  退回 rejected {counts['rejected']}"
        f"  待父级 held {counts['held']}  存疑或预警 flagged {counts['flagged']}"
    )
    for part in report["datasets"]:
        split = f"{part['accepted']} + {part['rejected']} + {part['held']}"
        print(f"    {part['dataset']:<28} {part['received']:>8} = {split}")


def _print_findings(report: Mapping[str, Any], most: int) -> None:
    _print_list(report["findings"][:most])
    if report["findings_total"] > most:
        print(f"  … 共 {report['findings_total']} 处 findings; 用 --csv 或 --xlsx 查看全部 to see all")


def _print_across(across: Mapping[str, Any] | None, most: int) -> None:
    """What rules across datasets ask of the package's records."""
    if not across or not across["findings_total"]:
        return
    total = across["findings_total"]
    print(f"  包内关联核对 across datasets: {total} 处存疑 queries; 不计入上面的数 not in the counts above")
    _print_list(across["findings"][:most])
    if total > most:
        print("  … 用 --csv 或 --xlsx 查看全部 to see all")


def _print_list(findings: Sequence[Mapping[str, Any]]) -> None:
    for finding in findings:
        place = f"{finding['file']} 第{finding['row']}行" if finding["row"] else finding["file"]
        what = f"{finding['field'] or ''} {finding['rule_id']}: {finding['message_zh']}"
        print(f"  [{SEVERITIES[finding['severity']]}] {place} {what}")
        print(f"      应为 expected: {finding['expected_zh']}")
