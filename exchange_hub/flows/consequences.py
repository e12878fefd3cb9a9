"""What a load event entails for notices: its rejections go on one of their own, its acceptances close items."""

from dataclasses import dataclass
from datetime import datetime

import psycopg

from contracts.loader import load_release
from exchange_hub.core.clock import in_shanghai
from exchange_hub.core.records import DATA_KEY, Validation
from exchange_hub.flows.context import Hub
from exchange_hub.flows.releases import reminders_for
from feedback.labels import natural_key, rejected_records
from feedback.notice import BatchOutcome, build, notice_number
from warehouse import notices
from warehouse.batches import BatchRow
from warehouse.loader import LoadResult
from warehouse.notices import Source


@dataclass(frozen=True, slots=True)
class Event:
    """A load event: its batch, what validation said, what loading did."""

    batch: BatchRow
    validation: Validation
    loaded: LoadResult


def follow_up(hub: Hub, conn: psycopg.Connection, event: Event, now: datetime) -> str | None:
    """Issue the notice of an event's rejections and close the items that its acceptances meet; the caller commits.

    Returns:
        The notice's number, None where nothing was rejected.
    """
    number = _issue(hub, conn, event, now) if event.loaded.counts.rejected else None
    _close_corrected(conn, event.batch, event.validation, now)
    return number


def _issue(hub: Hub, conn: psycopg.Connection, event: Event, now: datetime) -> str:
    batch, validation = event.batch, event.validation
    platform = hub.platform(batch.platform_code)
    year = in_shanghai(now).year
    number = notice_number(platform.short_code, year, notices.number_for(conn, platform.short_code, year))
    outcome = BatchOutcome(
        platform=platform,
        batch_no=batch.batch_no,
        contract_version=validation.contract_version,
        counts=event.loaded.counts,
        findings=validation.findings,
        rejected=rejected_records(validation, load_release(validation.contract_version)),
        reminders=reminders_for(validation.contract_version, batch.received_at, platform),
    )
    notices.insert(conn, build(outcome, number, now), Source(batch.id, event.loaded.load_id))
    return number


def _close_corrected(conn: psycopg.Connection, batch: BatchRow, validation: Validation, now: datetime) -> None:
    release = load_release(validation.contract_version)
    accepted: list[tuple[str, str | None, str | None]] = []
    for name, result in validation.datasets.items():
        frame = result.accepted
        keys = frame.select(frame[DATA_KEY], natural_key(frame, release.datasets[name]).alias("code"))
        accepted.extend((name, key, code) for key, code in keys.iter_rows())
    notices.close_items_for(conn, batch.platform_code, batch.batch_no, accepted, now)
    if batch.corrects:
        notices.close_refusals(conn, batch.platform_code, batch.batch_no, batch.corrects, now)
