"""What ties notices together: corrections that close items, child notices that carry them on (更正与后续通知).

Which item belongs to which record is found by the caller (`feedback.matching`); here the found pairs are written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import polars as pl
from psycopg import Connection
from psycopg.rows import class_row

from exchange_hub.core.notices import HUB_ITSELF, ItemKey, ItemState
from warehouse import notice_events, notices


@dataclass(frozen=True, slots=True)
class Settled:
    """An item that a correction settles, and how: corrected or withdrawn."""

    notice_no: str
    item_no: int
    state: ItemState


@dataclass(frozen=True, slots=True)
class Carried:
    """An item whose record was rejected again, and its item on the child notice."""

    notice_no: str
    item_no: int
    child_item_no: int


LOOKED_UP = 10_000  # records: as many are asked for one by one, more by their datasets
_KEYS: LiteralString = (
    "SELECT i.notice_no, i.item_no, i.dataset, i.data_key, i.natural_key, i.child_no FROM hub.notice_item i"
    " JOIN hub.notice n USING (notice_no) WHERE n.platform_code = %(platform)s AND n.batch_no <> %(batch)s"
    " AND i.state = ANY(%(states)s)"
)
_IN_DATASETS: LiteralString = " AND i.dataset = ANY(%(datasets)s)"
# By the partial indexes of items that are not settled, whose states these are.
_ABOUT: LiteralString = (
    " AND (i.notice_no, i.item_no) IN (WITH record AS MATERIALIZED (SELECT * FROM"
    " unnest(%(datasets)s::text[], %(data_keys)s::text[], %(codes)s::text[]) AS r (dataset, data_key, natural_key))"
    " SELECT w.notice_no, w.item_no FROM record r JOIN hub.notice_item w USING (dataset, data_key)"
    " WHERE w.state IN ('open', 'objected', 'cannot_correct', 'confirmed_true')"
    " UNION SELECT w.notice_no, w.item_no FROM record r JOIN hub.notice_item w USING (dataset, natural_key)"
    " WHERE w.state IN ('open', 'objected', 'cannot_correct', 'confirmed_true'))"
)
_IN_ORDER: LiteralString = " ORDER BY i.notice_no, i.item_no"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whose items: a platform's in these states, but for notices of that batch itself."""

    platform_code: str
    batch_no: str
    states: Sequence[ItemState]

    def as_dict(self) -> dict[str, Any]:
        """Parameters of a statement."""
        states = [state.value for state in self.states]
        return {"platform": self.platform_code, "batch": self.batch_no, "states": states}


def waiting_items(conn: Connection, whose: Waiting, datasets: Sequence[str]) -> list[ItemKey]:
    """Keys of all items about records of these datasets, in order of notice and item."""
    with conn.cursor(row_factory=class_row(ItemKey)) as cursor:
        wanted = {**whose.as_dict(), "datasets": list(datasets)}
        return cursor.execute(_KEYS + _IN_DATASETS + _IN_ORDER, wanted).fetchall()


def items_about(conn: Connection, whose: Waiting, records: pl.DataFrame) -> list[ItemKey]:
    """As `waiting_items`, of those that may be about some records. Cost: two index look-ups a record.

    Args:
        records: dataset, data_key, natural_key.
    """
    wanted = {
        **whose.as_dict(),
        "datasets": records["dataset"].to_list(),
        "data_keys": _as_stored(records["data_key"]),
        "codes": _as_stored(records["natural_key"]),
    }
    with conn.cursor(row_factory=class_row(ItemKey)) as cursor:
        return cursor.execute(_KEYS + _ABOUT + _IN_ORDER, wanted).fetchall()


def _as_stored(texts: pl.Series) -> list[str | None]:
    return texts.str.replace_all("\x00", "␀", literal=True).to_list()


def refusals_named(conn: Connection, platform_code: str, corrects: Sequence[str]) -> list[str]:
    """Those of these notices that tell the platform of a refused package."""
    rows = conn.execute(
        "SELECT notice_no FROM hub.notice WHERE platform_code = %s AND notice_no = ANY(%s) AND refusal IS NOT NULL"
        " ORDER BY notice_no",
        (platform_code, list(corrects)),
    )
    return [str(row[0]) for row in rows]


def close(
    conn: Connection, settled: Sequence[Settled], before: Sequence[ItemState], batch_no: str, at: datetime
) -> list[str]:
    """Close items whose record a batch has brought right.

    Args:
        before: states from which a correction closes an item.

    Returns:
        Numbers of the notices touched, held until the transaction ends.
    """
    if not settled:
        return []
    notices.lock(conn, sorted({item.notice_no for item in settled}))
    moved = conn.execute(
        "WITH picked AS (SELECT i.notice_no, i.item_no, i.state AS before, s.after FROM hub.notice_item i"
        " JOIN unnest(%(notices)s::text[], %(nos)s::integer[], %(afters)s::text[]) AS s (notice_no, item_no, after)"
        " USING (notice_no, item_no) WHERE i.state = ANY(%(before)s) FOR UPDATE OF i)"
        " UPDATE hub.notice_item i SET state = p.after, corrected_batch_no = %(batch)s,"
        " answered_at = coalesce(i.answered_at, %(at)s) FROM picked p"
        " WHERE i.notice_no = p.notice_no AND i.item_no = p.item_no"
        " RETURNING i.notice_no, i.item_no, p.before, p.after, %(reason)s::text",
        {
            "notices": [item.notice_no for item in settled],
            "nos": [item.item_no for item in settled],
            "afters": [item.state.value for item in settled],
            "before": [state.value for state in before],
            "batch": batch_no,
            "at": at,
            "reason": f"corrected by batch {batch_no}",
        },
    ).fetchall()
    notice_events.record_items(conn, moved, HUB_ITSELF, at)
    return sorted({str(row[0]) for row in moved})


def carry_on(conn: Connection, carried: Sequence[Carried], child_no: str, reason: str, at: datetime) -> list[str]:
    """Tie items to the child notice that carries them on. They keep their state and count as answered.

    Returns:
        Numbers of the earlier notices, held until the transaction ends.
    """
    if not carried:
        return []
    notices.lock(conn, sorted({item.notice_no for item in carried}))
    moved = conn.execute(
        "UPDATE hub.notice_item i SET child_no = %(child)s, child_item_no = c.child_item_no,"
        " answered_at = coalesce(i.answered_at, %(at)s)"
        " FROM unnest(%(notices)s::text[], %(nos)s::integer[], %(children)s::integer[])"
        " AS c (notice_no, item_no, child_item_no)"
        " WHERE i.notice_no = c.notice_no AND i.item_no = c.item_no AND i.child_no IS NULL"
        " RETURNING i.notice_no, i.item_no, i.state, i.state, %(reason)s::text",
        {
            "notices": [item.notice_no for item in carried],
            "nos": [item.item_no for item in carried],
            "children": [item.child_item_no for item in carried],
            "child": child_no,
            "at": at,
            "reason": reason,
        },
    ).fetchall()
    notice_events.record_items(conn, moved, HUB_ITSELF, at)
    return sorted({str(row[0]) for row in moved})


def settle_parents(conn: Connection, notice_nos: Sequence[str], at: datetime) -> list[str]:
    """Settle items whose child's item is settled, with the same state, up to the root.

    Args:
        notice_nos: notices whose items changed.

    Returns:
        Numbers of the notices above them that were touched.
    """
    touched: set[str] = set()
    below = list(notice_nos)
    while below:
        moved = conn.execute(
            "WITH picked AS (SELECT i.notice_no, i.item_no, i.state AS before, c.state AS after, c.corrected_batch_no"
            " FROM hub.notice_item i JOIN hub.notice_item c ON c.notice_no = i.child_no AND c.item_no = i.child_item_no"
            " WHERE i.child_no = ANY(%s) AND c.state NOT IN ('open', 'objected', 'cannot_correct')"
            " AND i.state IN ('open', 'objected', 'cannot_correct') FOR UPDATE OF i)"
            " UPDATE hub.notice_item i SET state = p.after, corrected_batch_no = p.corrected_batch_no FROM picked p"
            " WHERE i.notice_no = p.notice_no AND i.item_no = p.item_no"
            " RETURNING i.notice_no, i.item_no, p.before, p.after, 'settled on ' || i.child_no",
            (below,),
        ).fetchall()
        notice_events.record_items(conn, moved, HUB_ITSELF, at)
        below = sorted({str(row[0]) for row in moved})
        touched.update(below)
    return sorted(touched)
