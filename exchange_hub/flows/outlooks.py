"""Shadow validation of a group (成组影子校验): its batches are held against the next release together.

As `flows.outlook` does for one batch, and with the same outcome for each.
"""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime

import psycopg

from contracts.model import Release
from exchange_hub.core.ports import StoredRecords
from exchange_hub.core.records import Validation
from exchange_hub.core.scratch import scratch_folder
from exchange_hub.flows.carried import as_read_by, load_carried
from exchange_hub.flows.context import Hub
from exchange_hub.flows.grouping import runs_of
from exchange_hub.flows.outlook import AsStored, compared, look_ahead, read_stored, validated, wanted_release
from exchange_hub.flows.receive import BatchRef
from exchange_hub.flows.releases import known_release
from exchange_hub.flows.validate import Received
from validators.engine import Context
from validators.together import Together, validate_marked, validate_together
from warehouse import batches, outlook
from warehouse.batches import BatchRow
from warehouse.stored import PostgresStored

logger = logging.getLogger(__name__)


def look_ahead_all(hub: Hub, refs: Sequence[BatchRef], now: datetime, carried: Sequence[Sequence[str]] = ()) -> None:
    """As `look_ahead`, for batches of one platform: those that do not meet are validated together.

    Args:
        carried: for runs of batches the URI of their frames as read (`flows.carried`), then their numbers in order.
    """
    try:
        _together(hub, refs, now, carried)
    except Exception:  # whose fault it is shows when each goes alone
        logger.info("outlooks one by one, since together failed", exc_info=True)
        for ref in refs:
            look_ahead(hub, ref, now)


def _together(hub: Hub, refs: Sequence[BatchRef], now: datetime, carried: Sequence[Sequence[str]]) -> None:
    with hub.database() as conn:
        version, due = _due(hub, conn, refs)
        if not due:
            return
        release, stored = known_release(version), AsStored(PostgresStored(conn))
        found: list[tuple[BatchRow, Validation]] = []
        for uri, *numbers in carried:
            if all(number in due for number in numbers):
                run = [due[number] for number in numbers]
                found += _of_carried(hub, uri, run, release, stored)
        done = {batch.id for batch, _ in found}
        found += _read_anew(hub, [batch for batch in due.values() if batch.id not in done], release, stored)
        kept = [(batch.id, compared(conn, batch, version, result)) for batch, result in found]
        outlook.store_all(conn, kept, now)
        conn.commit()


def _due(hub: Hub, conn: psycopg.Connection, refs: Sequence[BatchRef]) -> tuple[str, dict[str, BatchRow]]:
    """The release that is looked at, and the batches whose outlook on it is not made yet, by number."""
    code = refs[0].platform_code if refs else ""
    version = wanted_release(hub, code)
    if version is None:
        return "", {}
    found = batches.find_all(conn, code, [ref.batch_no for ref in refs])
    known = outlook.known_among(conn, [batch.id for batch in found.values()], version)
    return version, {
        ref.batch_no: batch
        for ref in refs
        if (batch := found[ref.batch_no]).state == "loaded"
        and batch.contract_version != version
        and batch.id not in known
    }


def _of_carried(
    hub: Hub, uri: str, run: Sequence[BatchRow], release: Release, stored: StoredRecords
) -> list[tuple[BatchRow, Validation]]:
    """From the frames that were left for this; nothing where they do not serve."""
    carried = load_carried(hub.work, uri)
    frames = as_read_by(carried, known_release(carried.version), release)
    if frames is None or len(carried.received) != len(run):
        return []
    context = Context(run[-1].platform_code, run[-1].received_at)
    split = Together(validate_marked(frames, release, stored, context), carried.received).split()
    return list(zip(run, split, strict=True))


def _read_anew(
    hub: Hub, due: Sequence[BatchRow], release: Release, stored: StoredRecords
) -> list[tuple[BatchRow, Validation]]:
    found: list[tuple[BatchRow, Validation]] = []
    with ExitStack() as folders:
        received = [read_stored(hub, batch, release, folders.enter_context(scratch_folder("outlook"))) for batch in due]
        for run in runs_of(received):
            found += zip([one.batch for one in run], _validated_run(run, release, stored), strict=True)
    return found


def _validated_run(run: Sequence[Received], release: Release, stored: StoredRecords) -> list[Validation]:
    if len(run) == 1:
        return [validated(run[0], stored)]
    context = Context(run[0].batch.platform_code, run[0].batch.received_at)
    return validate_together([one.read.frames for one in run], release, stored, context).split()
