"""What a load event entails for notices: its rejections go on one of their own, its acceptances close items."""

from dataclasses import dataclass
from datetime import datetime

import psycopg

from contracts.loader import load_release
from exchange_hub.core.records import Validation
from exchange_hub.flows.context import Hub
from exchange_hub.flows.corrections import reconcile
from exchange_hub.flows.issuing import issue
from exchange_hub.flows.releases import reminders_for
from feedback.labels import rejected_records
from feedback.notice import BatchOutcome
from warehouse.batches import BatchRow
from warehouse.loader import LoadResult
from warehouse.notices import Source


@dataclass(frozen=True, slots=True)
class Event:
    """A load event: its batch, what validation said, what loading did; whether items may wait for its records."""

    batch: BatchRow
    validation: Validation
    loaded: LoadResult
    awaited: bool = True


def follow_up(hub: Hub, conn: psycopg.Connection, event: Event, now: datetime) -> str | None:
    """Issue the notice of an event's rejections and close the items that its acceptances meet; the caller commits.

    Returns:
        The notice's number, None where nothing was rejected.
    """
    number = _issue(hub, conn, event, now) if event.loaded.counts.rejected else None
    batch = event.batch
    if event.awaited:
        reconcile(conn, batch.platform_code, batch.batch_no, event.validation, batch.corrects, now)
    return number


def _issue(hub: Hub, conn: psycopg.Connection, event: Event, now: datetime) -> str:
    batch, validation = event.batch, event.validation
    platform = hub.platform(batch.platform_code)
    outcome = BatchOutcome(
        platform=platform,
        batch_no=batch.batch_no,
        contract_version=validation.contract_version,
        counts=event.loaded.counts,
        findings=validation.findings,
        rejected=rejected_records(validation, load_release(validation.contract_version)),
        reminders=reminders_for(validation.contract_version, batch.received_at, platform),
    )
    return issue(conn, outcome, Source(batch.id, event.loaded.load_id), now)
