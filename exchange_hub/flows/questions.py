"""What auditors ask of records, projects, notices and each other, and proofs for third parties (审计)."""

from datetime import datetime
from pathlib import Path
from typing import Any

from exchange_hub.core.errors import UsageError
from exchange_hub.core.masking import mask
from exchange_hub.flows.audit import personal_fields as contract_personal_fields
from exchange_hub.flows.context import Hub
from warehouse import querylog
from warehouse.dictionary import dictionary
from warehouse.inclusion import Wanted, personal_fields, prove
from warehouse.objects import anchors
from warehouse.questions import AS_OF, CHANGES, LOOKED, PROJECT_GAPS, REJECTION, TIMELINE, ask


def record_as_of(hub: Hub, dataset: str, data_key: str, at: datetime) -> dict[str, Any]:
    """What a record said at an instant; personal values masked.

    Raises:
        UsageError: nothing was held under that key then.
    """
    with hub.database() as conn:
        rows = ask(conn, AS_OF, dataset=dataset, data_key=data_key, at=at)
    if not rows:
        raise _unknown(dataset, data_key, f"{at:%Y-%m-%d %H:%M}")
    personal = contract_personal_fields(dataset)
    payload = {name: mask(value) if name in personal else value for name, value in rows[0]["payload"].items()}
    return {"dataset": dataset, "data_key": data_key, "at": at.isoformat(), **rows[0], "payload": payload}


def record_changes(hub: Hub, dataset: str, data_key: str) -> list[dict[str, Any]]:
    """Versions of a record with the notices that they answered.

    Raises:
        UsageError: nothing was ever stored under that key.
    """
    with hub.database() as conn:
        rows = ask(conn, CHANGES, dataset=dataset, data_key=data_key)
    if not rows:
        raise _unknown(dataset, data_key, "")
    return rows


def project_timeline(hub: Hub, code: str, at: datetime) -> dict[str, Any]:
    """Events of a project, by its code in its trade, in order, and its gaps at an instant.

    Raises:
        UsageError: nothing is known of the project.
    """
    with hub.database() as conn:
        events = ask(conn, TIMELINE, tender_project_code=code)
        gaps = ask(conn, PROJECT_GAPS, tender_project_code=code, at=at)
    if not events:
        raise UsageError("UNKNOWN_PROJECT", f"没有项目 {code} 的记录", f"nothing is known of project {code}")
    return {"tender_project_code": code, "at": at.isoformat(), "events": events, "gaps": gaps}


def rejection(hub: Hub, notice_no: str, item_no: int | None) -> list[dict[str, Any]]:
    """What produced the rejections of a notice: release, rule, texts, calendar.

    Raises:
        UsageError: no such notice or item, or one without findings.
    """
    with hub.database() as conn:
        rows = ask(conn, REJECTION, notice_no=notice_no, item_no=item_no)
    if not rows:
        raise UsageError("UNKNOWN_ITEM", f"没有通知条目 {notice_no} {item_no or ''}", f"no such item of {notice_no}")
    return rows


def who_looked(
    hub: Hub, login: str | None, since: datetime | None, limit: int, logs: list[Path]
) -> list[dict[str, Any]]:
    """Statements of the logins, newest first, after what the server's log has was taken over.

    Args:
        logs: JSON logs to take over; empty: the server's own, where this machine can read them.
    """
    with hub.database() as conn:
        files = logs or [path for path in querylog.log_files(conn) if path.is_file()]
        querylog.take_over(conn, files)
        conn.commit()
        return ask(conn, LOOKED, login=login, since=since, limit=limit)


def prove_record(
    hub: Hub, dataset: str, data_key: str, version_no: int | None, *, with_personal: bool
) -> dict[str, Any]:
    """A proof that a version of a record was sealed. Its text is left out where it holds personal values, unless asked.

    Raises:
        UsageError: no such version, or its seal does not hold.
    """
    with hub.database() as conn:
        with_text = with_personal or not personal_fields(conn, dataset, data_key)
        return prove(conn, Wanted(dataset, data_key, version_no, with_text), anchors(hub.evidence))


def data_dictionary(hub: Hub, schemas: list[str]) -> str:
    """Every view, column and comment of these schemas as Markdown."""
    with hub.database() as conn:
        return dictionary(conn, schemas)


def _unknown(dataset: str, data_key: str, when: str) -> UsageError:
    return UsageError(
        "UNKNOWN_RECORD",
        f"数据集 {dataset} 中主键 {data_key} {when} 没有记录".replace("  ", " "),
        f"nothing was held under {data_key} in {dataset} {when}".strip(),
    )
