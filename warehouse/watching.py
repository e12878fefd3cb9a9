"""What operations watch, asked of the warehouse in a few bounded questions (Art. 21), and what stages add to it."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

Row = dict[str, Any]
BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)  # seconds

# Totals as the reports said them, so that they only ever grow.
BATCHES: LiteralString = """
SELECT platform_code, coalesce(verdict, 'under_way') AS verdict, count(*) AS batches, sum(accepted)::bigint AS accepted,
       sum(rejected)::bigint AS rejected, sum(held)::bigint AS held, max(received_at) AS last_received_at
FROM hub.batch GROUP BY 1, 2
"""
UNDER_WAY: LiteralString = "SELECT count(*), min(received_at) FROM hub.batch WHERE state = 'received'"
HELD: LiteralString = "SELECT count(*), min(since) FROM hub.held WHERE state = 'waiting'"
NOTICES: LiteralString = """
SELECT n.state, count(*) AS notices, sum(n.items_open)::bigint AS items_open,
       count(*) FILTER (WHERE d.due_at > %(now)s AND d.due_at <= %(now)s + interval '1 day') AS due_soon,
       count(*) FILTER (WHERE d.due_at <= %(now)s) AS past_due
FROM hub.notice n
LEFT JOIN LATERAL (SELECT due_at FROM hub.notice_deadline x WHERE x.notice_no = n.notice_no
                   ORDER BY x.seq DESC LIMIT 1) d ON true
WHERE n.state <> 'closed' GROUP BY n.state
"""
OUTBOX: LiteralString = """
SELECT o.state, count(*) FROM hub.notice_outbox o JOIN hub.notice n USING (notice_no)
WHERE o.state <> 'done' AND n.state = 'issued' GROUP BY o.state
"""
ALARMS: LiteralString = "SELECT kind, count(*) FROM hub.alarm WHERE cleared_at IS NULL GROUP BY kind"
STAGES: LiteralString = "SELECT stage, outcome, runs, packages, seconds, slots FROM hub.stage_time ORDER BY 1, 2"
CHANNELS: LiteralString = "SELECT platform_code, failures, waiting_packages, waiting_bytes FROM hub.channel ORDER BY 1"
VERIFIED: LiteralString = "SELECT ok, loads, differences, at FROM hub.verify_run ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Watched:
    """What the warehouse shows at one instant."""

    batches: list[Row]
    under_way: int
    oldest_received_at: datetime | None
    held: int
    oldest_held_since: datetime | None
    notices: list[Row]
    outbox: dict[str, int]
    alarms: dict[str, int]
    stages: list[Row]
    channels: list[Row]
    verified: Row | None


def watch(conn: Connection, now: datetime) -> Watched:
    """Ask everything; `now` decides what is due."""
    under_way, oldest = conn.execute(UNDER_WAY).fetchone() or (0, None)
    held, since = conn.execute(HELD).fetchone() or (0, None)
    return Watched(
        batches=_rows(conn, BATCHES),
        under_way=under_way,
        oldest_received_at=oldest,
        held=held,
        oldest_held_since=since,
        notices=_rows(conn, NOTICES, {"now": now}),
        outbox=dict(conn.execute(OUTBOX).fetchall()),
        alarms=dict(conn.execute(ALARMS).fetchall()),
        stages=_rows(conn, STAGES),
        channels=_rows(conn, CHANNELS),
        verified=next(iter(_rows(conn, VERIFIED)), None),
    )


def add_stage_time(conn: Connection, stage: str, outcome: str, packages: int, seconds: float) -> None:
    """Add one run of a stage to its totals. A crash may lose the last ones: they are no evidence."""
    slots = [0] * (len(BOUNDS) + 1)
    slots[bisect_left(BOUNDS, seconds)] = 1
    conn.execute("SET LOCAL synchronous_commit = off")
    conn.execute(
        "INSERT INTO hub.stage_time AS t VALUES (%s, %s, 1, %s, %s, %s) ON CONFLICT (stage, outcome) DO UPDATE SET"
        " runs = t.runs + 1, packages = t.packages + excluded.packages, seconds = t.seconds + excluded.seconds,"
        " slots = ARRAY(SELECT a + b FROM unnest(t.slots, excluded.slots) WITH ORDINALITY x (a, b, n) ORDER BY n)",
        (stage, outcome, packages, seconds, slots),
    )


def add_verification(conn: Connection, loads: int, differences: int, at: datetime) -> None:
    """Remember how a verification of the whole evidence ended."""
    conn.execute(
        "INSERT INTO hub.verify_run (ok, loads, differences, at) VALUES (%s, %s, %s, %s)",
        (differences == 0, loads, differences, at),
    )


def _rows(conn: Connection, query: LiteralString, values: Row | None = None) -> list[Row]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchall()
