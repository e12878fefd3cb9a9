"""Step 3, load: one transaction per batch. Records, findings, evidence, notice and closed items: all or nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import psycopg

from exchange_hub.core.errors import Refusal
from exchange_hub.core.records import Report, Validation
from exchange_hub.flows.afterload import Judgement, Judgements
from exchange_hub.flows.asked import still_true
from exchange_hub.flows.consequences import Event, follow_up
from exchange_hub.flows.context import Hub
from exchange_hub.flows.corrections import nothing_waits
from exchange_hub.flows.gaps import close_arrived
from exchange_hub.flows.held import release_held
from exchange_hub.flows.order import wait_for_turn
from exchange_hub.flows.refuse import refuse
from exchange_hub.flows.releases import reminders_for
from exchange_hub.flows.reports import refused_report, report_of
from exchange_hub.flows.validate import Checked, newest_load, validate_batch, validate_run_again
from feedback.report import report_document
from validators.together import Together
from warehouse import batches, loader, together
from warehouse.batches import BatchRow
from warehouse.crossfindings import set_flagged
from warehouse.stored import PostgresStored


def load_batch(hub: Hub, batch: BatchRow, checked: Checked, now: datetime) -> dict[str, Any]:
    """Load a validated batch, or book it as refused where reading showed that it cannot be used.

    Earlier batches of the platform that are under way go first. A batch that is already settled is left as it is.
    Where what the validation asked of the warehouse has another answer by now, it is done again under the loader's
    locks, so that batches never contradict each other. Afterwards held records that this load, or one before, has
    freed are released.

    Returns:
        The report as a document (interfaces, section 4).
    """
    if batch.state == "received":
        wait_for_turn(hub, batch)
    document = _settle(hub, batch, checked, now)
    release_held(hub, now)
    accepted = [row["dataset"] for row in document.get("datasets") or [] if row["accepted"]]
    close_arrived(hub, batch.platform_code, accepted, now)
    return document


def load_run(hub: Hub, rows: Sequence[BatchRow], checked: Checked, now: datetime) -> list[Report]:
    """Load batches that were validated together in one transaction, each with its own load, seal, report and notice.

    Where what their validation asked has another answer by now, all of them are validated again, together.

    Args:
        rows: neighbours in the order of receipt, of one platform; none of them corrects a refused one.
        checked: their validation together, and by what it holds.

    Raises:
        Entangled: they are not to be loaded together, nothing was done: load each alone.
    """
    wait_for_turn(hub, rows[0])
    with hub.database() as conn:
        together.lock(conn, rows, sorted(_together(checked).whole.datasets))
        if not holds(conn, rows[-1], checked):
            checked = validate_run_again(hub, conn, rows)
        validations = _together(checked).split()
        run = list(zip(rows, validations, strict=True))
        judged = Judgements(conn, rows, validations, now)
        loaded = together.load_together(conn, run, now, judged)
        awaited = _awaited(conn, rows[0].platform_code, checked)
        reports = [
            _report(hub, conn, Event(batch, validation, one, awaited), now)
            for batch, validation, one in zip(rows, judged.validations, loaded, strict=True)
        ]
        conn.commit()
    release_held(hub, now)
    accepted = [name for report in reports for name, counts in report.datasets if counts.accepted]
    close_arrived(hub, rows[0].platform_code, accepted, now)
    return reports


def _together(checked: Checked) -> Together:
    if not isinstance(checked.result, Together):
        raise TypeError("the validation of one batch: see load_batch")
    return checked.result


def _awaited(conn: psycopg.Connection, platform_code: str, checked: Checked) -> bool:
    """May items wait for records of a run? Asked once for all; where one of them has a notice, it brings new items."""
    whole = _together(checked).whole
    return loader.total(whole).rejected > 0 or not nothing_waits(conn, platform_code, whole)


def holds(conn: psycopg.Connection, batch: BatchRow, checked: Checked) -> bool:
    """Would the validation come out the same now? Where that is not known: no."""
    if newest_load(conn) == checked.seen:
        return True
    stored = PostgresStored(conn, (batch.platform_code, batch.id))
    return checked.questions is not None and still_true(checked.questions, stored)


def _settle(hub: Hub, batch: BatchRow, checked: Checked, now: datetime) -> dict[str, Any]:
    with hub.database() as conn:
        batch = batches.get(conn, batch.id)
        if batch.state != "received":
            return batches.read_report(conn, batch.id) or {}
        result = checked.result
        if isinstance(result, Validation):
            loader.lock_datasets(conn, result.datasets)
            if not holds(conn, batch, checked):
                result = validate_batch(hub, conn, batch).result
        if isinstance(result, Refusal):
            report = _refused(hub, conn, batch, result, now)
            batches.store_report(conn, batch.id, report_document(report))
        elif isinstance(result, Validation):
            judged = Judgement(conn, batch, result, now)
            loaded = loader.load(conn, batch, result, now, before_seal=judged)
            report = _report(hub, conn, Event(batch, judged.validation, loaded), now)
        else:
            raise TypeError("a validation of several batches: see load_run")
        conn.commit()
    return report_document(report)


def _refused(hub: Hub, conn: psycopg.Connection, batch: BatchRow, refusal: Refusal, now: datetime) -> Report:
    number = refuse(hub, conn, batch, refusal, now)
    report = refused_report(batch.platform_code, batch.batch_no, batch.contract_version or "", refusal)
    return _with_notice(report, number)


def _report(hub: Hub, conn: psycopg.Connection, event: Event, now: datetime) -> Report:
    """What follows from a load: its notice, the items it closes, the report that is kept."""
    batch, validation = event.batch, event.validation
    set_flagged(conn, batch.id, loader.total(validation).flagged)
    number = follow_up(hub, conn, event, now)
    report = report_of(
        batch.platform_code,
        batch.batch_no,
        validation,
        listed=hub.settings.findings_listed,
        reminders=reminders_for(validation.contract_version, batch.received_at, hub.platforms.get(batch.platform_code)),
    )
    report = _with_notice(report, number)
    batches.store_report(conn, batch.id, report_document(report))
    return report


def _with_notice(report: Report, number: str | None) -> Report:
    return replace(report, notice_no=number)
