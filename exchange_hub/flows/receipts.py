"""Receipt of a notice (送达与签收): what proves it, and the clock that it starts (Art. 10). The caller commits."""

from datetime import datetime

import psycopg

from exchange_hub.core.notices import NoticeState, Receipt
from exchange_hub.flows.settling import settle_one
from feedback.configuration import configuration_in_force
from feedback.policy import ReceiptRule
from feedback.working_days import deadline
from warehouse import alarms, notice_outbox, notice_receipts, notices

UNDELIVERABLE, UNFETCHED = "notice_undeliverable", "notice_unfetched"  # kinds of alarm that receipt ends
ACKNOWLEDGED = frozenset({"acknowledgement", "answer"})


def book_receipt(conn: psycopg.Connection, notice_no: str, receipt: Receipt, now: datetime) -> bool:
    """Keep a proof of receipt; the first one that counts starts the clock, no later one moves it.

    Where the agreement with the platform requires acknowledgement, only acknowledging (or answering) counts;
    otherwise the first entry into a system that the platform designated, or the first fetch.

    Returns:
        Whether the clock started now.
    """
    row = notices.row_of(conn, notice_no)
    held = notices.lock(conn, [notice_no])
    if row is None or notice_no not in held:
        return False
    notice_receipts.record_receipt(conn, notice_no, receipt, now)
    policy = configuration_in_force().clock_of(row["platform_code"])
    counts = policy.receipt is ReceiptRule.ENTRY or receipt.kind in ACKNOWLEDGED
    started = False
    if counts and held[notice_no] is not NoticeState.CLOSED:
        evidence = f"{receipt.kind} {receipt.channel} {receipt.evidence}".strip()
        due = deadline(receipt.received_at, evidence, policy=policy)
        started = notice_receipts.start_clock(conn, notice_no, due, now)
        notice_outbox.settle(conn, notice_no)
        for kind in (UNDELIVERABLE, UNFETCHED):
            alarms.clear(conn, kind, notice_no, "hub", now)
    settle_one(conn, notice_no, now, evidence if started else "")
    return started
