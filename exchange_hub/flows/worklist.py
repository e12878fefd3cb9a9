"""Batches handed in over HTTP, taken the rest of their way without waiting for a DAG.

Crash-safe: what is received and not settled is found again at the next look; what a DAG or another worker did
meanwhile is found done (`carry_on`). One batch that fails by our own fault waits and is tried again; the others go on.
"""

import logging
from datetime import datetime

import psycopg

from exchange_hub.core.errors import HubError
from exchange_hub.core.faults import without_values
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import carry_on
from exchange_hub.flows.receive import BatchRef
from warehouse import batches, worklist

logger = logging.getLogger(__name__)

CHANNEL = "http"


def work_off(hub: Hub, now: datetime) -> int:
    """Take every batch that is due the rest of its way; returns how many were settled."""
    with hub.database() as conn:
        due = worklist.waiting(conn, CHANNEL, now)
        conn.rollback()
        return sum(_work(hub, conn, batch_id, now) for batch_id in due)


def _work(hub: Hub, conn: psycopg.Connection, batch_id: int, now: datetime) -> bool:
    if not worklist.claim(conn, batch_id):
        return False
    try:
        batch = batches.get(conn, batch_id)
        attempt = worklist.begin(conn, batch_id, now)
        conn.commit()
        if batch.state != "received":
            return False
        ref = BatchRef(batch.platform_code, batch.batch_no)
        try:
            report = carry_on(hub, ref, now)
        except Exception as error:  # noqa: BLE001 -- whatever one batch breaks in us, the others go on
            code = error.code if isinstance(error, HubError) else type(error).__name__
            place = (ref.batch_no, ref.platform_code, attempt)
            logger.error("batch %s of platform %s failed, attempt %s: %s", *place, without_values(error))
            worklist.fail(conn, batch_id, attempt, code, now)
            return False
        logger.info("batch %s of platform %s: %s", ref.batch_no, ref.platform_code, report.get("verdict"))
        return True
    finally:
        worklist.release(conn, batch_id)
        conn.commit()
