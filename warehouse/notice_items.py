"""Items of notices: answered, decided, revoked, closed by a correction, carried on by a child notice (通知条目).

Which steps are allowed comes in as pairs (before, after) from the table of states; a change is one conditional update
over all items at once, so that an item another hand has moved meanwhile is left alone and told apart by its absence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from exchange_hub.core.notices import Actor, ItemState, NoticeItem, Progress
from warehouse import notice_events
from warehouse.notice_rows import item_of

Steps = Sequence[tuple[ItemState, ItemState]]


@dataclass(frozen=True, slots=True)
class ItemChange:
    """A new state for one item, with the reason; `answer` is the centre's word for it, None where it is no answer."""

    item_no: int
    state: ItemState
    reason: str
    answer: str | None = None


def change(
    conn: Connection, notice_no: str, changes: Sequence[ItemChange], steps: Steps, actor: Actor, at: datetime
) -> list[int]:
    """Bring items into new states, each only by an allowed step, and record every transition.

    The caller holds the notice (`notices.lock`).

    Returns:
        Numbers of the items that changed; the others are in a state that does not allow it, or do not exist.
    """
    moved = conn.execute(
        "WITH wanted AS (SELECT * FROM unnest(%(nos)s::integer[], %(states)s::text[], %(reasons)s::text[],"
        " %(answers)s::text[]) AS w (item_no, after, reason, answer)),"
        " step AS (SELECT * FROM unnest(%(befores)s::text[], %(afters)s::text[]) AS s (before, after)),"
        " picked AS (SELECT i.item_no, i.state AS before, w.after, w.reason, w.answer FROM hub.notice_item i"
        " JOIN wanted w USING (item_no) JOIN step s ON s.before = i.state AND s.after = w.after"
        " WHERE i.notice_no = %(notice)s FOR UPDATE OF i)"
        " UPDATE hub.notice_item i SET state = p.after, answer = coalesce(p.answer, i.answer),"
        " answer_reason = CASE WHEN p.answer IS NULL THEN i.answer_reason ELSE p.reason END,"
        " answered_by = CASE WHEN p.answer IS NULL THEN i.answered_by ELSE %(actor)s END,"
        " answered_at = CASE WHEN p.answer IS NULL THEN i.answered_at ELSE %(at)s END"
        " FROM picked p WHERE i.notice_no = %(notice)s AND i.item_no = p.item_no"
        " RETURNING i.notice_no, i.item_no, p.before, p.after, p.reason",
        {
            "notice": notice_no,
            "nos": [change.item_no for change in changes],
            "states": [change.state.value for change in changes],
            "reasons": [change.reason for change in changes],
            "answers": [change.answer for change in changes],
            "befores": [before.value for before, _ in steps],
            "afters": [after.value for _, after in steps],
            "actor": str(actor),
            "at": at,
        },
    ).fetchall()
    notice_events.record_items(conn, moved, actor, at)
    return sorted(int(row[1]) for row in moved)


def states_of(conn: Connection, notice_no: str, item_nos: Sequence[int]) -> dict[int, ItemState]:
    """States of the items that exist among these numbers."""
    rows = conn.execute(
        "SELECT item_no, state FROM hub.notice_item WHERE notice_no = %s AND item_no = ANY(%s)",
        (notice_no, list(item_nos)),
    )
    return {int(number): ItemState(state) for number, state in rows}


def read_some(conn: Connection, notice_no: str, item_nos: Sequence[int]) -> list[NoticeItem]:
    """These items of a notice, in order of number."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "SELECT * FROM hub.notice_item WHERE notice_no = %s AND item_no = ANY(%s) ORDER BY item_no",
            (notice_no, list(item_nos)),
        ).fetchall()
    return [item_of(row) for row in rows]


def page(
    conn: Connection,
    notice_no: str,
    *,
    after: int = 0,
    limit: int = 100,
    state: ItemState | None = None,
    rule_id: str | None = None,
) -> list[NoticeItem]:
    """Items of a notice in order of number: at most `limit` after number `after`, by state and rule where given."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows: list[dict[str, Any]] = cursor.execute(
            "SELECT * FROM hub.notice_item WHERE notice_no = %(notice)s AND item_no > %(after)s"
            " AND (%(state)s::text IS NULL OR state = %(state)s)"
            " AND (%(rule)s::text IS NULL"
            " OR findings @> jsonb_build_array(jsonb_build_object('rule_id', %(rule)s::text)))"
            " ORDER BY item_no LIMIT %(limit)s",
            {"notice": notice_no, "after": after, "state": state, "rule": rule_id, "limit": limit},
        ).fetchall()
    return [item_of(row) for row in rows]


def tally(conn: Connection, notice_no: str) -> Progress:
    """Count what is not settled on a notice, and keep the count with the notice (audit.notice.items_open)."""
    row = conn.execute(
        "SELECT count(*) FILTER (WHERE state = 'open' AND child_no IS NULL),"
        " count(*) FILTER (WHERE state = 'open' AND child_no IS NOT NULL), count(*)"
        " FROM hub.notice_item WHERE notice_no = %s AND state IN ('open', 'objected', 'cannot_correct')",
        (notice_no,),
    ).fetchone()
    found = Progress(*row) if row else Progress(0, 0, 0)
    conn.execute("UPDATE hub.notice SET items_open = %s WHERE notice_no = %s", (found.unsettled, notice_no))
    return found


def open_of_rule(conn: Connection, rule_id: str, rule_version: int | None) -> tuple[dict[str, list[int]], int]:
    """Unsettled items that were rejected by one rule alone.

    Returns:
        Item numbers by notice, and how many more unsettled items the rule rejected together with other rules.
    """
    rows = conn.execute(
        "SELECT i.notice_no, i.item_no, bool_and(f ->> 'rule_id' = %(rule)s"
        " AND (%(version)s::integer IS NULL OR (f ->> 'rule_version')::integer = %(version)s)) AS alone"
        " FROM hub.notice_item i CROSS JOIN LATERAL jsonb_array_elements(i.findings) f"
        " WHERE i.state IN ('open', 'objected', 'cannot_correct') AND f ->> 'severity' = 'reject'"
        " AND i.findings @> jsonb_build_array(jsonb_build_object('rule_id', %(rule)s::text))"
        " GROUP BY i.notice_no, i.item_no ORDER BY i.notice_no, i.item_no",
        {"rule": rule_id, "version": rule_version},
    ).fetchall()
    alone: dict[str, list[int]] = {}
    for notice_no, item_no, only in rows:
        if only:
            alone.setdefault(notice_no, []).append(item_no)
    return alone, sum(1 for row in rows if not row[2])
