"""Step 3, load: one transaction per batch. Records, findings, evidence, notice and closed items: all or nothing."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import psycopg

from contracts.loader import load_release
from exchange_hub.core.clock import in_shanghai
from exchange_hub.core.errors import Refusal
from exchange_hub.core.records import DATA_KEY, Counts, Report, Validation
from exchange_hub.flows.context import Hub
from exchange_hub.flows.refuse import refuse
from exchange_hub.flows.releases import reminders_for
from exchange_hub.flows.reports import refused_report, report_of
from exchange_hub.flows.validate import newest_load, validate_batch
from feedback.labels import natural_key, rejected_records
from feedback.notice import BatchOutcome, build, notice_number
from feedback.report import report_document
from warehouse import batches, loader, notices
from warehouse.batches import BatchRow
from warehouse.notices import Source


def load_batch(hub: Hub, batch: BatchRow, result: Validation | Refusal, seen: int, now: datetime) -> dict[str, Any]:
    """Load a validated batch, or book it as refused where reading showed that it cannot be used.

    A batch that is already settled is left as it is. Where other batches were loaded since the validation looked,
    it is done again under the loader's locks, so that batches never contradict each other.

    Args:
        seen: the newest load event that the validation saw.

    Returns:
        The report as a document (interfaces, section 4).
    """
    with hub.database() as conn:
        batch = batches.get(conn, batch.id)
        if batch.state != "received":
            return batches.read_report(conn, batch.id) or {}
        if isinstance(result, Validation):
            loader.lock_datasets(conn, result.datasets)
            if newest_load(conn) != seen:
                result, _ = validate_batch(hub, conn, batch)
        if isinstance(result, Refusal):
            report = _refused(hub, conn, batch, result, now)
        else:
            report = _loaded(hub, conn, batch, result, now)
        document = report_document(report)
        batches.store_report(conn, batch.id, document)
        conn.commit()
    return document


def _refused(hub: Hub, conn: psycopg.Connection, batch: BatchRow, refusal: Refusal, now: datetime) -> Report:
    number = refuse(hub, conn, batch, refusal, now)
    report = refused_report(batch.platform_code, batch.batch_no, batch.contract_version or "", refusal)
    return _with_notice(report, number)


def _loaded(hub: Hub, conn: psycopg.Connection, batch: BatchRow, validation: Validation, now: datetime) -> Report:
    loaded = loader.load(conn, batch, validation, now)
    number = None
    platform = hub.platforms.get(batch.platform_code)
    reminders = reminders_for(validation.contract_version, batch.received_at, platform)
    if loaded.counts.rejected:
        number = _issue(hub, conn, batch, validation, Source(batch.id, loaded.load_id), loaded.counts, reminders, now)
    _close_corrected(conn, batch, validation, now)
    report = report_of(
        batch.platform_code,
        batch.batch_no,
        validation,
        listed=hub.settings.findings_listed,
        reminders=reminders,
    )
    return _with_notice(report, number)


def _issue(  # noqa: PLR0913, PLR0917 -- everything that a notice copies
    hub: Hub,
    conn: psycopg.Connection,
    batch: BatchRow,
    validation: Validation,
    source: Source,
    counts: Counts,
    reminders: tuple[str, ...],
    now: datetime,
) -> str:
    platform = hub.platform(batch.platform_code)
    year = in_shanghai(now).year
    number = notice_number(platform.short_code, year, notices.number_for(conn, platform.short_code, year))
    outcome = BatchOutcome(
        platform=platform,
        batch_no=batch.batch_no,
        contract_version=validation.contract_version,
        counts=counts,
        findings=validation.findings,
        rejected=rejected_records(validation, load_release(validation.contract_version)),
        reminders=reminders,
    )
    notices.insert(conn, build(outcome, number, now), source)
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


def _with_notice(report: Report, number: str | None) -> Report:
    return replace(report, notice_no=number)
