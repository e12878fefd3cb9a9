"""Rows of the notice tables as the dataclasses of `core.notices`, and back."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from exchange_hub.core.notices import Deadline, ItemState, Notice, NoticeItem, NoticeState
from exchange_hub.core.records import Counts, Finding, RefusalInfo


def notice_of(
    row: dict[str, Any], items: list[dict[str, Any]], due: dict[str, Any] | None, parents: tuple[str, ...]
) -> Notice:
    """A row of hub.notice with its items, the row of hub.notice_deadline that holds, and its parents."""
    return Notice(
        notice_no=row["notice_no"],
        platform_code=row["platform_code"],
        platform_name_zh=row["platform_name_zh"],
        batch_no=row["batch_no"],
        contract_version=row["contract_version"],
        issued_at=row["issued_at"],
        counts=Counts(*(row[name] for name in ("received", "accepted", "rejected", "held", "flagged"))),
        refusal=RefusalInfo(**row["refusal"]) if row["refusal"] else None,
        items=tuple(item_of(item) for item in items),
        reminders=tuple(row["reminders"]),
        state=NoticeState(row["state"]),
        deadline=deadline_of(due) if due else None,
        expected_deadline=_expected(row["expected_deadline"]),
        closed_at=row["closed_at"],
        parents=parents,
    )


def item_of(row: dict[str, Any]) -> NoticeItem:
    """A row of hub.notice_item."""
    return NoticeItem(
        item_no=row["item_no"],
        dataset=row["dataset"],
        data_key=row["data_key"],
        natural_key=row["natural_key"],
        label=row["label"],
        file=row["file"],
        row=row["row"],
        findings=tuple(Finding(**finding) for finding in row["findings"]),
        state=ItemState(row["state"]),
        answer=row["answer"],
        answered_at=row["answered_at"],
        corrected_batch_no=row["corrected_batch_no"],
        answer_reason=row["answer_reason"],
        child_no=row["child_no"],
    )


def deadline_of(row: dict[str, Any]) -> Deadline:
    """A row of hub.notice_deadline."""
    return Deadline(
        received_at=row["received_at"],
        due_date=row["due_date"],
        due_at=row["due_at"],
        counted_days=tuple(row["counted_days"]),
        provisional=row["provisional"],
        calendar_version=row["calendar_version"],
        policy=row["policy"],
        evidence=row["evidence"],
    )


def deadline_document(due: Deadline) -> dict[str, Any]:
    """A deadline as a JSON document."""
    return {
        **asdict(due),
        "received_at": due.received_at.isoformat(),
        "due_date": due.due_date.isoformat(),
        "due_at": due.due_at.isoformat(),
        "counted_days": [day.isoformat() for day in due.counted_days],
    }


def _expected(document: dict[str, Any] | None) -> Deadline | None:
    if document is None:
        return None
    return Deadline(
        **{
            **document,
            "received_at": datetime.fromisoformat(document["received_at"]),
            "due_date": date.fromisoformat(document["due_date"]),
            "due_at": datetime.fromisoformat(document["due_at"]),
            "counted_days": tuple(date.fromisoformat(day) for day in document["counted_days"]),
        }
    )


def plain(value: Any) -> Any:
    """Text that PostgreSQL can store: NUL is written as its picture U+2400."""
    return value.replace("\x00", "␀") if isinstance(value, str) else value
