"""Batches of one platform take effect in the order in which they were received (docs/decisions/0002)."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg

from exchange_hub.core.errors import HubError
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
            order.show_progress(conn, [batch.id])  # who waits is not stuck
            time.sleep(POLL_SECONDS)


@contextmanager
def under_way(hub: Hub, *batch_ids: int) -> Iterator[None]:
    """While batches are worked on: signs of life all the time; set aside when that fails by our own fault."""
    with signing(hub, batch_ids), aside_on_fault(hub, *batch_ids):
        yield


@contextmanager
def signing(hub: Hub, batch_ids: Sequence[int]) -> Iterator[None]:
    """While batches are worked on, one after the other or together: signs of life of those that are not set aside."""
    _sign(hub, batch_ids)
    over = threading.Event()
    beside = threading.Thread(target=_keep_signing, args=(hub, batch_ids, over), daemon=True)
    beside.start()
    try:
        yield
    finally:
        over.set()
        beside.join()
    _sign(hub, batch_ids, again=True)


@contextmanager
def aside_on_fault(hub: Hub, *batch_ids: int) -> Iterator[None]:
    """Batches that fail by our own fault are set aside, so that later ones do not wait for them."""
    try:
        yield
    except BaseException:
        with hub.database() as conn:
            order.set_aside(conn, batch_ids)
            conn.commit()
        raise


def _keep_signing(hub: Hub, batch_ids: Sequence[int], over: threading.Event) -> None:
    """A long validation is no stuck one: later batches must not overtake it."""
    while not over.wait(hub.settings.order_wait_seconds / 4):
        try:
            _sign(hub, batch_ids, again=True)
        except (HubError, psycopg.Error) as error:  # the work itself will say so
            logger.warning("no sign of life for batches %s: %s", batch_ids, error)


def _sign(hub: Hub, batch_ids: Sequence[int], *, again: bool = False) -> None:
    with hub.database() as conn:
        order.show_progress(conn, batch_ids, again=again)
        conn.commit()
