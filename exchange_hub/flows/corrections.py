"""Reconciliation: records that land by whichever channel close the items that asked for them. The caller commits."""

from collections.abc import Sequence
from datetime import datetime

import psycopg

from contracts.loader import load_release
from exchange_hub.core.notices import ItemKey, ItemState, Notice
from exchange_hub.core.records import Validation
from exchange_hub.flows.settling import settle
from feedback.matching import accepted_matches, same_items
from feedback.states import closable
from warehouse import notice_links
from warehouse.notice_links import Carried, Settled

CARRIED = (ItemState.OPEN, ItemState.CANNOT_CORRECT)  # these go on when their record is rejected again


def reconcile(
    conn: psycopg.Connection,
    platform_code: str,
    batch_no: str,
    validation: Validation,
    corrects: Sequence[str],
    now: datetime,
) -> list[str]:
    """Close the items that the accepted records of one load correct; of a batch, or of held records released.

    Args:
        batch_no: the batch that brought the records; items of its own notices stay as they are.
        corrects: notices of refused packages that the batch names; empty for a release.

    Returns:
        Numbers of the notices that were closed.
    """
    loaded = [name for name, result in validation.datasets.items() if result.accepted.height]
    items = notice_links.waiting_items(conn, platform_code, batch_no, closable(), loaded)
    release = load_release(validation.contract_version)
    found = accepted_matches(items, validation, release) if items else ()
    settled = [Settled(m.item.notice_no, m.item.item_no, _result(m.withdrawal)) for m in found]
    if corrects:
        refusals = notice_links.refusals_named(conn, platform_code, corrects)
        settled += [Settled(number, 1, ItemState.CORRECTED) for number in refusals]
    return settle(conn, notice_links.close(conn, settled, closable(), batch_no, now), now)


def carry_on(conn: psycopg.Connection, notice: Notice, now: datetime) -> list[str]:
    """Tie earlier items of the same records to a notice just issued, on which they were rejected again (O4).

    Returns:
        Numbers of the earlier notices: this one is their child.
    """
    again = [
        ItemKey(notice.notice_no, i.item_no, i.dataset, i.data_key, i.natural_key) for i in notice.items if i.dataset
    ]
    datasets = sorted({item.dataset for item in again})
    earlier = notice_links.waiting_items(conn, notice.platform_code, notice.batch_no, CARRIED, datasets)
    pairs = same_items([item for item in earlier if item.child_no is None], again)
    carried = [Carried(old.notice_no, old.item_no, new.item_no) for old, new in pairs]
    return _tie(conn, carried, notice.notice_no, now)


def carry_on_refusals(conn: psycopg.Connection, notice: Notice, corrects: Sequence[str], now: datetime) -> list[str]:
    """Tie refused packages that a package set out to correct to the notice that refuses it too."""
    named = notice_links.refusals_named(conn, notice.platform_code, corrects)
    carried = [Carried(number, 1, 1) for number in named if number != notice.notice_no]
    return _tie(conn, carried, notice.notice_no, now)


def _tie(conn: psycopg.Connection, carried: Sequence[Carried], child_no: str, now: datetime) -> list[str]:
    reason = f"rejected again: goes on as {child_no}"
    tied = notice_links.carry_on(conn, carried, child_no, reason, now)
    settle(conn, tied, now)
    return tied


def _result(withdrawal: bool) -> ItemState:
    return ItemState.WITHDRAWN if withdrawal else ItemState.CORRECTED
