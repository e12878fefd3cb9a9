"""A notice as a JSON document: stable keys, for programs of the centres. Light: imports no frames."""

import json
from typing import Any

from exchange_hub.core.clock import iso
from exchange_hub.core.notices import Deadline, Notice, NoticeItem
from exchange_hub.core.records import Finding
from feedback.report import counts_document, refusal_document
from feedback.wording import LEGAL_BASIS_EN, LEGAL_BASIS_ZH, Labels, example_key, shown_key

NOTICE_VERSION = "1"


def notice_document(notice: Notice, labels: Labels) -> dict[str, Any]:
    """The notice as plain data. Times are ISO 8601 in Asia/Shanghai, dates ISO.

    `deadline` is null until receipt is proved; until then `expected_deadline` says when the answer would be due if
    the notice were received on the day of issue.
    """
    return {
        "notice_version": NOTICE_VERSION,
        "notice_no": notice.notice_no,
        "platform_code": notice.platform_code,
        "platform_name_zh": notice.platform_name_zh,
        "batch_no": notice.batch_no,
        "contract_version": notice.contract_version,
        "legal_basis": {"zh": LEGAL_BASIS_ZH, "en": LEGAL_BASIS_EN},
        "issued_at": iso(notice.issued_at),
        "state": notice.state.value,
        "closed_at": iso(notice.closed_at) if notice.closed_at else None,
        "refusal": refusal_document(notice.refusal),
        "counts": counts_document(notice.counts),
        "deadline": _deadline(notice.deadline),
        "expected_deadline": _deadline(notice.expected_deadline),
        "reminders": list(notice.reminders),
        "parents": list(notice.parents),
        "items_total": len(notice.items),
        "items": [_item(item, labels) for item in notice.items],
    }


def notice_json(notice: Notice, labels: Labels) -> bytes:
    """The document of `notice_document` as UTF-8 text, one item a line."""
    document = notice_document(notice, labels)
    encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
    items = ",\n".join(map(encode, document.pop("items")))
    head = json.dumps(document, ensure_ascii=False, indent=1).removesuffix("\n}")
    return f'{head},\n "items": [\n{items}\n ]\n}}\n'.encode()


def _deadline(due: Deadline | None) -> dict[str, Any] | None:
    if due is None:
        return None
    return {
        "received_at": iso(due.received_at),
        "due_date": due.due_date.isoformat(),
        "due_at": iso(due.due_at),
        "counted_days": [day.isoformat() for day in due.counted_days],
        "provisional": due.provisional,
        "calendar_version": due.calendar_version,
        "policy": due.policy,
        "evidence": due.evidence,
    }


def _item(item: NoticeItem, labels: Labels) -> dict[str, Any]:
    return {
        "item_no": item.item_no,
        "dataset": item.dataset,
        "dataset_zh": labels.get((item.dataset, ""), ""),
        "data_key": item.data_key,
        "natural_key": shown_key(item.natural_key),
        "label": item.label,
        "file": item.file,
        "row": item.row,
        "state": item.state.value,
        "answer": item.answer,
        "answered_at": iso(item.answered_at) if item.answered_at else None,
        "corrected_batch_no": item.corrected_batch_no,
        "answer_reason": item.answer_reason,
        "child_no": item.child_no,
        "findings": [_finding(finding, labels) for finding in item.findings],
    }


def _finding(finding: Finding, labels: Labels) -> dict[str, Any]:
    return {
        "field": finding.field,
        "field_zh": labels.get((finding.dataset, finding.field or ""), "") if finding.field else "",
        "rule_id": finding.rule_id,
        "rule_version": finding.rule_version,
        "severity": finding.severity,
        "dimension": finding.dimension,
        "value": finding.value,
        "message_zh": finding.message_zh,
        "message_en": finding.message_en,
        "expected_zh": finding.expected_zh,
        "example": labels.get(example_key(finding.dataset, finding.field), None) if finding.field else None,
    }
