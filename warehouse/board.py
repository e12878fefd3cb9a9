"""What the data engineer's board asks: today by platform, newest batches, notices due, rules that fail, the trend.

Every question is bounded: by a day or a window of days, and by a number of rows.
"""

from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

Row = dict[str, Any]

# Counts are those of audit.batch: what became of the records by now, released and expired ones included.
PLATFORMS = """
SELECT s.platform_code, s.last_received_at,
       coalesce(t.batches, 0) AS batches, coalesce(t.refused, 0) AS refused, coalesce(t.under_way, 0) AS under_way,
       coalesce(t.received, 0) AS received, coalesce(t.accepted, 0) AS accepted, coalesce(t.rejected, 0) AS rejected,
       coalesce(t.held, 0) AS held, coalesce(t.flagged, 0) AS flagged
FROM (SELECT platform_code, max(received_at) AS last_received_at FROM hub.batch GROUP BY platform_code) s
LEFT JOIN (
    SELECT platform_code, count(*)::integer AS batches,
           count(*) FILTER (WHERE state = 'refused')::integer AS refused,
           count(*) FILTER (WHERE state = 'received')::integer AS under_way,
           sum(received)::integer AS received, sum(accepted)::integer AS accepted, sum(rejected)::integer AS rejected,
           sum(held)::integer AS held, sum(flagged)::integer AS flagged
    FROM audit.batch WHERE received_at >= %(since)s GROUP BY platform_code) t USING (platform_code)
"""

# The commonest rejecting rule tells why at a glance; the notice tells all.
BATCHES = """
SELECT b.platform_code, b.batch_no, b.received_at, b.settled_at, b.state, b.verdict, b.channel,
       b.received, b.accepted, b.rejected, b.held, b.flagged, b.refusal_code, b.refusal_zh, h.refusal_where,
       n.notice_no, f.rule_id, f.message_zh, f.findings
FROM (SELECT * FROM audit.batch ORDER BY received_at DESC, batch_no LIMIT %(limit)s) b
JOIN hub.batch h USING (platform_code, batch_no)
LEFT JOIN LATERAL (SELECT notice_no FROM hub.notice x WHERE x.batch_id = h.id ORDER BY notice_no LIMIT 1) n ON true
LEFT JOIN LATERAL (
    SELECT x.rule_id, min(x.message_zh) AS message_zh, count(*)::integer AS findings FROM hub.finding x
    WHERE x.batch_id = h.id AND x.severity = 'reject' AND b.rejected > 0
    GROUP BY x.rule_id ORDER BY count(*) DESC, x.rule_id LIMIT 1) f ON true
ORDER BY b.received_at DESC, b.batch_no
"""

DUE = """
SELECT notice_no, platform_code, batch_no, state, issued_at, due_date, due_at, provisional, items, items_open
FROM audit.notice WHERE state <> 'closed' ORDER BY due_at NULLS FIRST, notice_no LIMIT %(limit)s
"""

RULES = """
SELECT f.rule_id, f.severity, count(*)::integer AS findings, count(DISTINCT b.platform_code)::integer AS platforms,
       min(f.message_zh) AS message_zh
FROM hub.batch b JOIN hub.finding f ON f.batch_id = b.id
WHERE b.received_at >= %(since)s
GROUP BY f.rule_id, f.severity ORDER BY findings DESC, f.rule_id LIMIT %(limit)s
"""

TREND = """
SELECT (received_at AT TIME ZONE 'Asia/Shanghai')::date AS day, count(*)::integer AS batches,
       sum(accepted)::integer AS accepted, sum(rejected)::integer AS rejected, sum(held)::integer AS held
FROM audit.batch WHERE received_at >= %(since)s GROUP BY day ORDER BY day
"""


def platforms(conn: Connection, since: datetime) -> list[Row]:
    """One row per platform that ever sent: counts of what came since `since`, and when something came last."""
    return _rows(conn, PLATFORMS, {"since": since})


def newest_batches(conn: Connection, limit: int) -> list[Row]:
    """The newest batches, each with its refusal, its first notice and the rule that rejected most of it."""
    return _rows(conn, BATCHES, {"limit": limit})


def notices_due(conn: Connection, limit: int) -> list[Row]:
    """Notices not closed, not yet received ones first (no deadline runs), then by deadline."""
    return _rows(conn, DUE, {"limit": limit})


def failing_rules(conn: Connection, since: datetime, limit: int) -> list[Row]:
    """Rules broken most by batches received since `since`."""
    return _rows(conn, RULES, {"since": since, "limit": limit})


def trend(conn: Connection, since: datetime) -> list[Row]:
    """Records by day of receipt (Asia/Shanghai); days without a batch are missing."""
    return _rows(conn, TREND, {"since": since})


def _rows(conn: Connection, query: str, values: Row) -> list[Row]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchall()
