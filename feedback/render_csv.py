"""All findings of a check as CSV that opens in Excel: UTF-8 with a byte order mark, a row a finding, none left out.

What rules across datasets ask of the package comes last, marked as such in the column 级别.
"""

import csv
from pathlib import Path

from exchange_hub.core.records import Finding, Report
from feedback.formulas import harmless
from feedback.wording import ACROSS_ZH, DIMENSIONS, SEVERITIES, Labels

HEADINGS = (
    "数据集", "数据集名称", "文件", "行", "记录键 DATA_KEY", "字段", "字段名称", "规则", "级别", "质量维度",
    "报送值（已掩码）", "问题", "Problem", "应为",
)  # fmt: skip


def write_findings(report: Report, labels: Labels, target: Path) -> int:
    """Write the findings that the report lists, in their order; returns how many there were."""
    count = 0
    across = () if report.across is None else report.across.findings
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for listed, mark in ((report.findings, ""), (across, f"（{ACROSS_ZH}）")):
            for finding in listed:
                writer.writerow(harmless(_cells(finding, labels, mark)))
                count += 1
    return count


def _cells(finding: Finding, labels: Labels, mark: str) -> tuple[str, ...]:
    field = finding.field or ""
    return (
        finding.dataset,
        labels.get((finding.dataset, ""), ""),
        finding.file,
        "" if finding.row is None else str(finding.row),
        finding.data_key or "",
        field,
        labels.get((finding.dataset, field), "") if field else "",
        finding.rule_id,
        SEVERITIES[finding.severity][0] + mark,
        DIMENSIONS.get(finding.dimension, finding.dimension),
        finding.value or "",
        finding.message_zh,
        finding.message_en,
        finding.expected_zh,
    )
