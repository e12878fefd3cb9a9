"""Batches of one platform take effect in the order in which they were received (docs/decisions/0002)."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from exchange_hub.flows.context import Hub
from warehouse import order
from warehouse.batches import BatchRow

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.2


def wait_for_turn(hub: Hub, batch: BatchRow) -> None:
    """Return when no earlier batch of the platform is under way; whoever is stuck is not waited for."""
    patience = hub.settings.order_wait_seconds
    waited_for = None
    with hub.database() as conn:
        conn.autocommit = True
        while (number := order.earlier_under_way(conn, batch, patience)) is not None:
            if number != waited_for:
                logger.info("batch %s of %s waits for batch %s", batch.batch_no, batch.platform_code, number)
                waited_for = number
            order.show_progress(conn, batch.id)  # who waits is not stuck
            time.sleep(POLL_SECONDS)


@contextmanager
def under_way(hub: Hub, batch_id: int) -> Iterator[None]:
    """While a batch is worked on: a sign of life before and after; set aside when it fails by our own fault."""
    _sign(hub, batch_id)
    try:
        yield
    except BaseException:
        with hub.database() as conn:
            order.set_aside(conn, batch_id)
            conn.commit()
        raise
    _sign(hub, batch_id)


def _sign(hub: Hub, batch_id: int) -> None:
    with hub.database() as conn:
        order.show_progress(conn, batch_id)
        conn.commit()
