"""Held records on their way out: released when their parents are there, superseded, or rejected when time is over.

`release_held` runs after every load and works off the notes that loads leave (`warehouse.release_due`): one
transaction a batch, under the loader's locks, so that a crash, a replay or two at work together change nothing. Each
batch is validated again in full, in the order of arrival: what comes out does not depend on which package came first.
What is accepted may free others in turn. `settle_held` is the daily sweep over everything that waits.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import polars as pl
import psycopg

from contracts.loader import load_release
from exchange_hub.core.errors import PackagesFailed
from exchange_hub.core.records import WAITS_FOR, DatasetResult, Validation
from exchange_hub.flows.afterload import Judgement
from exchange_hub.flows.consequences import Event, follow_up
from exchange_hub.flows.context import Hub
from exchange_hub.flows.notify import deliver
from exchange_hub.flows.reading import read_again, validate_again
from validators.engine import Context
from validators.expiry import expired_findings
from validators.findings import SCHEMA
from validators.prepare import accepted_schema
from warehouse import batches, held, loader, release_due
from warehouse.batches import BatchRow
from warehouse.stored import PostgresStored

logger = logging.getLogger(__name__)

AT_ONCE = 50_000  # held records of a batch decided in one transaction: bounds memory
PLACE = ["dataset", "file", "row", "field", "rule_id"]


@dataclass(slots=True)
class Settled:
    """What became of held records: how many, which notices were issued, which batches failed by our own fault."""

    accepted: int = 0
    rejected: int = 0
    superseded: int = 0
    notices: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be booked about held records of one batch; `superseded` holds their internal numbers."""

    validation: Validation
    superseded: Collection[int] = ()


Decide = Callable[["Run", BatchRow, Sequence[int]], Decision]


@dataclass(frozen=True, slots=True)
class Run:
    """One go at held records: on one connection, at one instant, counting as it goes."""

    hub: Hub
    conn: psycopg.Connection
    now: datetime
    settled: Settled


def release_held(hub: Hub, now: datetime) -> Settled:
    """Look at held records after every load that was not followed up yet, chains of parents included.

    A batch that fails by our own fault is logged and left to the daily sweep; it stops nobody's load.
    """
    with hub.database() as conn:
        run = Run(hub, conn, now, Settled())
        _work_off(run)
    _deliver(hub, run.settled, now)
    return run.settled


def settle_held(hub: Hub, now: datetime) -> Settled:
    """The daily sweep: release what can be released, reject what has waited as long as the grace period.

    Raises:
        PackagesFailed: batches that failed by our own fault; the others are settled.
    """
    with hub.database() as conn:
        run = Run(hub, conn, now, Settled())
        _work_off(run)
        _each_batch(run, held.all_waiting(conn), "held_release", _release)
        _work_off(run)
        before = now - timedelta(days=hub.settings.held_grace_days)
        _each_batch(run, held.waiting_since(conn, before), "held_expiry", _expire)
        _work_off(run)
    _deliver(hub, run.settled, now)
    if run.settled.failed:
        names = "、".join(run.settled.failed)
        raise PackagesFailed("HELD_FAILED", f"暂存记录处理失败的批次：{names}", f"held records failed: {names}")
    return run.settled


def _work_off(run: Run) -> None:
    others: set[int] = set()  # loads that another worker follows up right now
    while (load_id := release_due.next_due(run.conn, others)) is not None:
        if not release_due.try_lock_release(run.conn, load_id):
            others.add(load_id)
            continue
        _each_batch(run, held.candidates(run.conn, load_id), "held_release", _release)
        release_due.forget_due(run.conn, load_id)
        run.conn.commit()
        release_due.unlock_release(run.conn, load_id)
    run.conn.rollback()


def _each_batch(run: Run, found: held.ByBatch, kind: str, decide: Decide) -> None:
    run.conn.rollback()
    for batch_id, ids in found.items():
        for start in range(0, len(ids), AT_ONCE):
            try:
                _settle(run, batch_id, ids[start : start + AT_ONCE], kind, decide)
            except Exception as error:  # our own fault with one batch: the others go on
                logger.exception("held records of batch %s failed", batch_id)
                run.conn.rollback()
                run.settled.failed.append(f"{batch_id} ({type(error).__name__})")


def _settle(run: Run, batch_id: int, wanted: Sequence[int], kind: str, decide: Decide) -> None:
    """One transaction: decide the batch's records under its locks, and book what came of them."""
    batch = batches.lock(run.conn, batch_id)
    ids = held.by_batch(run.conn, wanted).get(batch_id, ())
    loader.lock_datasets(run.conn, held.datasets_of(run.conn, ids))
    decision = decide(run, batch, ids)
    held.wait_again(run.conn, batch_id, decision.validation)
    counts = loader.total(decision.validation)
    if counts.accepted or counts.rejected or decision.superseded:
        _book(run, batch, kind, decision, ids)
    run.conn.commit()


def _book(run: Run, batch: BatchRow, kind: str, decision: Decision, ids: Sequence[int]) -> None:
    """The load event with its evidence, the state of each record, the notice and the items it closes."""
    validation = decision.validation
    known = held.known_findings(run.conn, batch.id, ids)
    fresh = replace(validation, findings=validation.findings.join(known, on=PLACE, how="anti", nulls_equal=True))
    judged = Judgement(run.conn, batch, validation, run.now)
    loaded = loader.load_event(
        run.conn, batch, kind, fresh, run.now, superseded=len(decision.superseded), before_seal=judged
    )
    held.settle(run.conn, batch.id, validation, loaded.load_id, run.now)
    held.settle_superseded(run.conn, decision.superseded, loaded.load_id, run.now)
    number = follow_up(run.hub, run.conn, Event(batch, judged.validation, loaded), run.now)
    run.settled.accepted += loaded.counts.accepted - len(decision.superseded)
    run.settled.rejected += loaded.counts.rejected
    run.settled.superseded += len(decision.superseded)
    run.settled.notices += [number] if number else []
    logger.info("%s of batch %s of %s: %s", kind, batch.batch_no, batch.platform_code, loaded.counts)


def _release(run: Run, batch: BatchRow, ids: Sequence[int]) -> Decision:
    """Validate again what waits for nothing any more; who still waits is not touched."""
    conn = run.conn
    superseded = held.superseded(conn, batch, ids)
    free = set(ids) - superseded - held.unmet(conn, ids)
    again = read_again(load_release(batch.contract_version or ""), run.hub.platforms.get(batch.platform_code))
    frames = {name: frame.drop(WAITS_FOR) for name, frame in held.frames(conn, free).items()}
    # Its attachments were looked for in the package when it came in; the batch's own time of receipt counts.
    context = Context(batch.platform_code, batch.received_at, None)
    validation = validate_again(again, frames, PostgresStored(conn, (batch.platform_code, batch.id)), context)
    # What stays held was decided again, but nothing is said about it.
    waiting = {name: result.held for name, result in validation.datasets.items()}
    places = [frame.select(pl.lit(name).alias("dataset"), "_file", "_row") for name, frame in waiting.items()]
    if places:
        silent = pl.concat(places).rename({"_file": "file", "_row": "row"})
        findings = validation.findings.join(silent, on=["dataset", "file", "row"], how="anti")
        validation = replace(validation, findings=findings)
    return Decision(validation, superseded)


def _expire(run: Run, batch: BatchRow, ids: Sequence[int]) -> Decision:
    """Reject what still waits for a parent that is not there."""
    conn = run.conn
    superseded = held.superseded(conn, batch, ids)
    late = held.unmet(conn, set(ids) - superseded)
    release = load_release(batch.contract_version or "")
    frames = held.frames(conn, late)
    findings = [pl.DataFrame(schema=SCHEMA)]
    findings += [expired_findings(frame, release.datasets[name]) for name, frame in frames.items()]
    results = {}
    for name, frame in frames.items():
        nothing = pl.DataFrame(schema=accepted_schema(release.datasets[name]))
        results[name] = DatasetResult(name, frame.height, nothing, frame.drop(WAITS_FOR), frame.clear(), flagged=0)
    return Decision(Validation(release.version, results, pl.concat(findings)), superseded)


def _deliver(hub: Hub, settled: Settled, now: datetime) -> None:
    for number in settled.notices:
        try:
            deliver(hub, number, now)
        except Exception:  # another platform's channel is not this load's business; the daily run tries again
            logger.exception("notice %s could not be delivered", number)
