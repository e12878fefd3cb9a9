"""Refusing a package as a whole: the fact is booked and a notice issued that names cause and place."""

from datetime import datetime

import psycopg

from exchange_hub.core.errors import Refusal
from exchange_hub.core.platforms import Channel, Platform
from exchange_hub.core.records import Counts, RefusalInfo
from exchange_hub.flows.context import Hub
from exchange_hub.flows.issuing import issue
from feedback.notice import BatchOutcome
from warehouse import batches
from warehouse.batches import BatchRow
from warehouse.notices import Source

NOWHERE = Channel("none", None)


def refuse(hub: Hub, conn: psycopg.Connection, batch: BatchRow, refusal: Refusal, now: datetime) -> str:
    """Book a received batch as refused and issue its notice; the caller commits.

    Returns:
        The notice's number; a batch refused before keeps the one it has.
    """
    info = RefusalInfo(refusal.code, refusal.message_zh, refusal.message_en, refusal.where)
    batches.record_refused(conn, batch.id, info, now)
    return issue_refusal(hub, conn, batch, info, Source(batch.id), now)


def issue_refusal(
    hub: Hub, conn: psycopg.Connection, batch: BatchRow, refusal: RefusalInfo, source: Source, now: datetime
) -> str:
    """Issue the notice of a refused package, once per source."""
    platform = hub.platforms.get(batch.platform_code) or stranger(batch.platform_code)
    outcome = BatchOutcome(platform, batch.batch_no, batch.contract_version or "", Counts(), refusal=refusal)
    return issue(conn, outcome, source, now, batch.corrects)


def stranger(code: str) -> Platform:
    """A stand-in card for a sender that is not registered: its notice is issued but can be sent nowhere."""
    return Platform(
        code=code,
        short_code="00000000",
        name_zh=f"未登记平台 {code}",
        name_en=f"unregistered platform {code}",
        region="",
        trades=(),
        contract_version="",
        transport=NOWHERE,
        delivery=NOWHERE,
        exchange_minutes=0,
        max_lag_minutes=0,
        contact="",
    )
