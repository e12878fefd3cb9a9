"""Step 4, notify: issued notices to the platforms by their channels; proven receipt starts the clock (Art. 10).

Before a channel is used the attempt is booked, afterwards its outcome; the files are kept as evidence first and sent
as kept. A process that dies in between leaves an attempt without an outcome: the next round sends the same bytes
again, finds them lying there, and books the receipt at the time they arrived.
"""

import logging
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

import psycopg

from exchange_hub.core.clock import iso
from exchange_hub.core.errors import ConfigurationError, DeliveryError, HubError
from exchange_hub.core.notices import Notice, NoticeState, Receipt
from exchange_hub.core.platforms import Channel, Platform
from exchange_hub.flows.context import Hub
from exchange_hub.flows.heads import keep_head
from exchange_hub.flows.notice_files import parcel_of
from exchange_hub.flows.receipts import UNDELIVERABLE, UNFETCHED, book_receipt
from feedback.channels.base import Parcel, Sent
from feedback.configuration import configuration_in_force
from feedback.delivery import open_channel
from feedback.working_days import later_workday
from warehouse import alarms, notice_outbox, notices
from warehouse.alarms import Alarm

logger = logging.getLogger(__name__)


def notify_batch(hub: Hub, platform_code: str, batch_no: str, now: datetime) -> list[str]:
    """Deliver what was issued for a batch and is not delivered yet; returns the numbers delivered now.

    The head of the evidence chain is written to the evidence store on the way.
    """
    keep_head(hub, now)
    with hub.database() as conn:
        rows = notices.list_rows(conn, platform_code, NoticeState.ISSUED, batch_no)
    return [str(row["notice_no"]) for row in rows if deliver(hub, row["notice_no"], now)]


def undelivered(hub: Hub, platform_code: str, batch_nos: Collection[str]) -> dict[str, list[str]]:
    """Numbers of the notices of these batches that are issued and not delivered yet, by batch, oldest first."""
    with hub.database() as conn:
        return notices.issued_for(conn, platform_code, batch_nos)


def deliver(hub: Hub, notice_no: str, now: datetime) -> bool:
    """One round for one notice: by its platform's channels in order, until one has taken it.

    Two at once never both send: the second finds the first at it. What fails is tried again later, with growing
    waits; after a few rounds an operator is called.

    Returns:
        Whether its receipt is proved now.
    """
    with hub.database() as conn, notice_outbox.sending(conn, notice_no) as free:
        notice = notices.read(conn, notice_no) if free else None
        if notice is None or notice.state is not NoticeState.ISSUED:
            return False
        conn.commit()
        platform = hub.platforms.get(notice.platform_code)
        ways = list(_ways(conn, notice_no, platform)) if platform else []
        parcel = parcel_of(hub, conn, notice, now) if ways else None
        conn.commit()
        errors = []
        for channel in ways if parcel else []:
            sent = _try(conn, channel, parcel, now)  # type: ignore[arg-type]
            if isinstance(sent, Sent):
                return _took(conn, notice_no, channel, sent, now)
            errors.append(sent)
        _failed(conn, notice, platform, errors, now)
        return False


def _ways(conn: psycopg.Connection, notice_no: str, platform: Platform) -> Iterator[Channel]:
    """The platform's channels in order, without those by which it went out already and only receipt is awaited."""
    used = {row["channel"] for row in notice_outbox.attempts(conn, notice_no) if row["outcome"] == "sent"}
    for channel in (platform.delivery, *platform.fallbacks):
        if name_of(channel) not in used:
            yield channel


def name_of(channel: Channel) -> str:
    """How a channel is called in the attempts: its kind and connection."""
    return f"{channel.kind}:{channel.connection}" if channel.connection else channel.kind


def _try(conn: psycopg.Connection, channel: Channel, parcel: Parcel, now: datetime) -> Sent | str:
    """Use one channel; returns what became of it, or why it failed."""
    name = name_of(channel)
    begun = [row["at"] for row in notice_outbox.attempts(conn, parcel.reference) if row["channel"] == name]
    notice_outbox.record_attempt(conn, parcel.reference, "sending", name, "", now)
    conn.commit()
    try:
        return open_channel(channel).send(parcel, min(begun, default=now), now)
    except (DeliveryError, ConfigurationError) as error:  # a wrong card or connection is ours: the next channel helps
        why = _why(error)
        logger.warning("notice %s by %s failed: %s", parcel.reference, name, why)
        notice_outbox.record_attempt(conn, parcel.reference, "failed", name, why, now)
        conn.commit()
        return f"{name}: {why}"


def _took(conn: psycopg.Connection, notice_no: str, channel: Channel, sent: Sent, now: datetime) -> bool:
    """Book that a channel took the notice: receipt where that is proved, else wait for it."""
    name = name_of(channel)
    proved = sent.received_at is not None
    notice_outbox.record_attempt(conn, notice_no, "delivered" if proved else "sent", name, sent.evidence, now)
    started = False
    if sent.received_at is not None:
        started = book_receipt(conn, notice_no, Receipt(sent.kind, name, sent.evidence, sent.received_at), now)
    if not started:  # sent without proof, or by agreement only acknowledgement counts
        days = configuration_in_force().delivery.unfetched_working_days
        notice_outbox.await_receipt(conn, notice_no, later_workday(now, days))
    conn.commit()
    return proved


def _failed(
    conn: psycopg.Connection, notice: Notice, platform: Platform | None, errors: list[str], now: datetime
) -> None:
    """No channel took it: try again later, and call an operator where that has gone on for long."""
    row = notice_outbox.row_of(conn, notice.notice_no)
    delivery = configuration_in_force().delivery
    rounds = (row["attempts"] if row else 0) + 1
    if not errors and platform is not None:  # every channel has it; nobody has opened it
        days = delivery.unfetched_working_days
        notice_outbox.await_receipt(conn, notice.notice_no, later_workday(now, max(days, 1)))
        alarms.raise_alarm(conn, _alarm(UNFETCHED, notice, "已发出但无人查阅或签收", "sent, but nobody opened it", now))
    else:
        why = "; ".join(errors) or "its platform is not registered"
        wait = delivery.retry_minutes[min(rounds, len(delivery.retry_minutes)) - 1]
        call = rounds >= delivery.alarm_after_attempts or platform is None
        again = now + timedelta(minutes=wait)
        notice_outbox.postpone(conn, notice.notice_no, again, why, undeliverable=call)
        if call:
            said = (f"无法送达（第 {rounds} 次）：{why}", f"cannot be delivered (round {rounds}): {why}")
            alarms.raise_alarm(conn, _alarm(UNDELIVERABLE, notice, *said, now))
    conn.commit()


def _alarm(kind: str, notice: Notice, zh: str, en: str, now: datetime) -> Alarm:
    who = f"{notice.platform_name_zh}（{notice.platform_code}）"
    return Alarm(
        kind,
        notice.notice_no,
        f"通知 {notice.notice_no}（{who}）{zh}；时限尚未开始计算",
        f"notice {notice.notice_no} issued {iso(notice.issued_at)} {en}; its clock has not started",
        now,
    )


def _why(error: HubError) -> str:
    return f"{error.code} {error.message_en} {error.where}".strip()
