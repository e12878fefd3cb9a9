"""Step 3, load: one transaction per batch. Records, findings, evidence, notice and closed items: all or nothing."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import psycopg

from exchange_hub.core.errors import Refusal
from exchange_hub.core.records import Report, Validation
from exchange_hub.flows.afterload import Judgement
from exchange_hub.flows.consequences import Event, follow_up
from exchange_hub.flows.context import Hub
from exchange_hub.flows.gaps import brought_recordings, close_arrived
from exchange_hub.flows.held import release_held
from exchange_hub.flows.order import wait_for_turn
from exchange_hub.flows.refuse import refuse
from exchange_hub.flows.releases import reminders_for
from exchange_hub.flows.reports import refused_report, report_of
from exchange_hub.flows.validate import newest_load, validate_batch
from feedback.report import report_document
from warehouse import batches, loader
from warehouse.batches import BatchRow
from warehouse.crossfindings import set_flagged


def load_batch(hub: Hub, batch: BatchRow, result: Validation | Refusal, seen: int, now: datetime) -> dict[str, Any]:
    """Load a validated batch, or book it as refused where reading showed that it cannot be used.

    Earlier batches of the platform that are under way go first. A batch that is already settled is left as it is.
    Where other batches were loaded since the validation looked,
    it is done again under the loader's locks, so that batches never contradict each other. Afterwards held records
    that this load, or one before, has freed are released.

    Args:
        seen: the newest load event that the validation saw.

    Returns:
        The report as a document (interfaces, section 4).
    """
    if batch.state == "received":
        wait_for_turn(hub, batch)
    document = _settle(hub, batch, result, seen, now)
    release_held(hub, now)
    if brought_recordings({row["dataset"]: row["accepted"] for row in document.get("datasets") or []}):
        close_arrived(hub, batch.platform_code, now)
    return document


def _settle(hub: Hub, batch: BatchRow, result: Validation | Refusal, seen: int, now: datetime) -> dict[str, Any]:
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
    judged = Judgement(conn, batch, validation, now)
    loaded = loader.load(conn, batch, validation, now, before_seal=judged)
    validation = judged.validation
    set_flagged(conn, batch.id, loader.total(validation).flagged)
    number = follow_up(hub, conn, Event(batch, validation, loaded), now)
    report = report_of(
        batch.platform_code,
        batch.batch_no,
        validation,
        listed=hub.settings.findings_listed,
        reminders=reminders_for(validation.contract_version, batch.received_at, hub.platforms.get(batch.platform_code)),
    )
    return _with_notice(report, number)


def _with_notice(report: Report, number: str | None) -> Report:
    return replace(report, notice_no=number)
