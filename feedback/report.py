"""The report on a batch as a JSON document (interfaces, section 4). Light: imports no frames."""

from typing import Any

from exchange_hub.core.records import Counts, Finding, RefusalInfo, Report

REPORT_VERSION = "1"


def report_document(report: Report) -> dict[str, Any]:
    """The report as plain data, keys in the order of the interface.

    Keys beyond the interface stand at the end: notice_no (null where no notice was made), reminders, and of a dry run
    across_datasets, what its records ask about each other; none of it is in the counts.
    """
    document: dict[str, Any] = {
        "report_version": REPORT_VERSION,
        "platform_code": report.platform_code,
        "batch_no": report.batch_no,
        "contract_version": report.contract_version,
        "verdict": report.verdict.value,
        "refusal": refusal_document(report.refusal),
        "counts": counts_document(report.counts),
        "datasets": [{"dataset": name, **counts_document(counts)} for name, counts in report.datasets],
        "rules": [{"rule_id": rule, "severity": severity, "count": count} for rule, severity, count in report.rules],
        "findings": [_finding(finding) for finding in report.findings],
        "findings_total": report.findings_total,
        "findings_listed": len(report.findings),
        "notice_no": report.notice_no,
        "reminders": list(report.reminders),
    }
    if report.across is not None:
        listed = [_finding(finding) for finding in report.across.findings]
        document["across_datasets"] = {"findings": listed, "findings_total": report.across.total}
    return document


def counts_document(counts: Counts) -> dict[str, int]:
    """Counts as plain data."""
    return {
        "received": counts.received,
        "accepted": counts.accepted,
        "rejected": counts.rejected,
        "held": counts.held,
        "flagged": counts.flagged,
    }


def refusal_document(refusal: RefusalInfo | None) -> dict[str, str] | None:
    """Why a package was refused, as plain data; None where it was not."""
    if refusal is None:
        return None
    return {
        "code": refusal.code,
        "message_zh": refusal.message_zh,
        "message_en": refusal.message_en,
        "where": refusal.where,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "dataset": finding.dataset,
        "file": finding.file,
        "row": finding.row,
        "data_key": finding.data_key,
        "field": finding.field,
        "rule_id": finding.rule_id,
        "severity": finding.severity,
        "dimension": finding.dimension,
        "value": finding.value,
        "message_zh": finding.message_zh,
        "message_en": finding.message_en,
        "expected_zh": finding.expected_zh,
    }
