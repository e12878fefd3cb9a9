"""Reconciliation: records that land by whichever channel close the items that asked for them. The caller commits."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import psycopg

from contracts.loader import load_release
from exchange_hub.core.notices import ItemKey, ItemState, Notice
from exchange_hub.core.records import Validation
from exchange_hub.flows.settling import settle
from feedback.matching import Match, accepted_keys, accepted_matches, item_keys, same_items
from feedback.states import closable
from warehouse import notice_links
from warehouse.notice_links import LOOKED_UP, Carried, Settled, Waiting

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
    found = _corrected(conn, Waiting(platform_code, batch_no, closable()), validation)
    settled = [Settled(m.item.notice_no, m.item.item_no, _result(m.withdrawal)) for m in found]
    if corrects:
        refusals = notice_links.refusals_named(conn, platform_code, corrects)
        settled += [Settled(number, 1, ItemState.CORRECTED) for number in refusals]
    return settle(conn, notice_links.close(conn, settled, closable(), batch_no, now), now)


def nothing_waits(conn: psycopg.Connection, platform_code: str, validation: Validation) -> bool:
    """Does no item wait that these accepted records could close? Asked once for several batches of a platform."""
    whose = Waiting(platform_code, "", closable())
    return next(_corrected(conn, whose, validation), None) is None


def _corrected(conn: psycopg.Connection, whose: Waiting, validation: Validation) -> Iterator[Match]:
    """Items that the accepted records meet. Few records ask for theirs; many are held against all that wait."""
    accepted = {name: result.accepted.height for name, result in validation.datasets.items() if result.accepted.height}
    release = load_release(validation.contract_version)
    if sum(accepted.values()) <= LOOKED_UP:
        keys = accepted_keys(validation, release, accepted)
        return accepted_matches(notice_links.items_about(conn, whose, keys), keys)
    items = notice_links.waiting_items(conn, whose, list(accepted))
    met = {item.dataset for item in items}
    return accepted_matches(items, accepted_keys(validation, release, met))


def carry_on(conn: psycopg.Connection, notice: Notice, now: datetime) -> list[str]:
    """Tie earlier items of the same records to a notice just issued, on which they were rejected again (O4).

    Returns:
        Numbers of the earlier notices: this one is their child.
    """
    again = [
        ItemKey(notice.notice_no, i.item_no, i.dataset, i.data_key, i.natural_key) for i in notice.items if i.dataset
    ]
    whose = Waiting(notice.platform_code, notice.batch_no, CARRIED)
    if len(again) <= LOOKED_UP:
        earlier = notice_links.items_about(conn, whose, item_keys(again))
    else:
        earlier = notice_links.waiting_items(conn, whose, sorted({item.dataset for item in again}))
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
