"""What is seen of every stage (receive, validate, load, notify): its time, its lineage, its name in the log.

Observing never disturbs: what cannot be noted is logged and given up.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from exchange_hub.core.errors import PackagesFailed
from exchange_hub.core.faults import without_values
from exchange_hub.flows.context import Hub
from exchange_hub.flows.receive import BatchRef
from warehouse.lineage import lineage_of
from warehouse.watching import add_stage_time

logger = logging.getLogger(__name__)

DONE, FAILED = "done", "failed"


@contextmanager
def staged(hub: Hub, stage: str, now: datetime, *refs: BatchRef) -> Iterator[list[BatchRef]]:
    """Observe one stage for the batches; what becomes known on the way is added to the list it yields.

    Args:
        now: the instant by which the stage works: its begin in the lineage.
    """
    from structlog.contextvars import bound_contextvars

    known, begun = list(refs), time.perf_counter()
    error: str | None = None
    with bound_contextvars(stage=stage, **named(known)):
        try:
            yield known
        except BaseException as fault:
            error = type(fault).__name__
            raise
        finally:
            with bound_contextvars(**named(known)):
                note(hub, stage, known, (now, time.perf_counter() - begun), error)


def named(refs: Sequence[BatchRef]) -> dict[str, str]:
    """Fields of the log: the platform, and the batch where it is one."""
    platforms = {ref.platform_code for ref in refs}
    fields = {"platform": platforms.pop()} if len(platforms) == 1 else {}
    return {**fields, "batch": refs[0].batch_no} if len(refs) == 1 else fields


def note(
    hub: Hub, stage: str, refs: Sequence[BatchRef], span: tuple[datetime, float], error: str | None = None
) -> None:
    """Add a stage run to the totals and send its lineage."""
    from exchange_hub.flows import lineage

    begun, seconds = span
    try:
        with hub.database() as conn:
            add_stage_time(conn, stage, FAILED if error else DONE, max(1, len(refs)), seconds)
            conn.commit()
            if not lineage.configured(hub.settings):
                return
            found = [(ref, lineage_of(conn, ref.platform_code, ref.batch_no)) for ref in refs]
        for ref, batch in found:
            if batch is not None:
                run = lineage.StageRun(stage, ref.platform_code, ref.batch_no, begun, seconds, error)
                lineage.send(hub.settings, run, batch)
    except Exception as fault:  # noqa: BLE001 -- observing never disturbs
        logger.warning("stage %s is not noted: %s", stage, without_values(fault))


def run_observed(stage: str, group: dict[str, Any], now: datetime) -> dict[str, Any]:
    """`groups.run_stage`, observed; packages that failed of themselves are noted as failed.

    Raises:
        HubError: as `run_stage` does.
    """
    from exchange_hub.flows import context, groups

    hub, going = context.open_hub(), [package for package in group["packages"] if not package["failed"]]
    done, incomplete = group, None
    with staged(hub, stage, now, *_batches(going)) as known:
        try:
            done = groups.run_stage(stage, group, now)
        except PackagesFailed as fault:  # told when all are through, about packages that fell on the way
            incomplete = fault
        known[:] = _batches(package for package in done["packages"] if not package["failed"])
    names = {package["offer"]["name"] for package in going}
    fell = [package for package in done["packages"] if package["failed"] and package["offer"]["name"] in names]
    if fell:
        note(hub, stage, _batches(fell), (now, 0.0), PackagesFailed.__name__)
    if incomplete:
        raise incomplete
    return done


def _batches(packages: Any) -> list[BatchRef]:
    return [BatchRef(**package["batch"]) for package in packages if package["batch"]]
