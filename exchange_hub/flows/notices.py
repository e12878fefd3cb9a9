"""Reading notices: lists, one notice with its items, what is overdue."""

from datetime import datetime
from pathlib import Path
from typing import Any

from exchange_hub.core.errors import UsageError
from exchange_hub.core.notices import Notice
from exchange_hub.flows.context import Hub
from exchange_hub.flows.notice_files import labels_of
from feedback.render import notice_form
from feedback.render_json import notice_document as document_of
from feedback.working_days import overdue_working_days
from warehouse import notice_receipts, notices


def list_notices(hub: Hub, platform_code: str | None, state: str | None) -> list[dict[str, Any]]:
    """Rows of audit.notice, newest first."""
    with hub.database() as conn:
        return notices.list_rows(conn, platform_code, state)


def list_overdue(hub: Hub, as_of: datetime) -> list[dict[str, Any]]:
    """Rows of audit.notice past their deadline at that instant, with `overdue_working_days`."""
    with hub.database() as conn:
        rows = notice_receipts.overdue(conn, as_of)
        for row in rows:
            due = notice_receipts.deadline_in_force(conn, row["notice_no"])
            if due is not None:
                row["overdue_working_days"] = overdue_working_days(due, as_of)
    return rows


def notice_document(hub: Hub, notice_no: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Row of audit.notice, and the notice as a document with all its items.

    Raises:
        UsageError: no notice of that number.
    """
    notice = _read(hub, notice_no)
    with hub.database() as conn:
        row = notices.row_of(conn, notice_no) or {}
    return row, document_of(notice, labels_of(notice))


def notice_as(hub: Hub, notice_no: str, form: str) -> bytes:
    """A notice as it stands now in one form: html, pdf, xlsx, json or csv (feedback.render.MEDIA_TYPES).

    Raises:
        UsageError: no notice of that number.
    """
    notice = _read(hub, notice_no)
    return notice_form(notice, labels_of(notice), form)


def write_notice_files(hub: Hub, notice_no: str, html: Path | None, xlsx: Path | None) -> None:
    """Write a notice as HTML and as a workbook, where wanted.

    Raises:
        UsageError: no notice of that number.
    """
    for form, path in (("html", html), ("xlsx", xlsx)):
        if path is not None:
            path.write_bytes(notice_as(hub, notice_no, form))


def _read(hub: Hub, notice_no: str) -> Notice:
    with hub.database() as conn:
        notice = notices.read(conn, notice_no)
    if notice is None:
        raise UsageError("UNKNOWN_NOTICE", f"没有反馈通知 {notice_no}", f"no notice {notice_no}")
    return notice
