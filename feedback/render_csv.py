"""All findings of a check as CSV that opens in Excel: UTF-8 with a byte order mark, a row a finding, none left out."""

import csv
from collections.abc import Iterable
from pathlib import Path

from exchange_hub.core.records import Finding
from feedback.formulas import harmless
from feedback.wording import DIMENSIONS, SEVERITIES, Labels

HEADINGS = (
    "数据集", "数据集名称", "文件", "行", "记录键 DATA_KEY", "字段", "字段名称", "规则", "级别", "质量维度",
    "报送值（已掩码）", "问题", "Problem", "应为",
)  # fmt: skip


def write_findings(findings: Iterable[Finding], labels: Labels, target: Path) -> int:
    """Write the findings in their order; returns how many there were."""
    count = 0
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for finding in findings:
            writer.writerow(harmless(_cells(finding, labels)))
            count += 1
    return count


def _cells(finding: Finding, labels: Labels) -> tuple[str, ...]:
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
        SEVERITIES[finding.severity][0],
        DIMENSIONS.get(finding.dimension, finding.dimension),
        finding.value or "",
        finding.message_zh,
        finding.message_en,
        finding.expected_zh,
    )
