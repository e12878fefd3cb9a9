"""The questions of the bulletin as SQL. Placeholders: since, until, as_of, platforms, trades; see `warehouse.bulletin`.

Definitions in words: docs/reference/bulletin.zh.md.
"""

from typing import LiteralString

# Batches of the months, and what they were at that instant.
BATCHES: LiteralString = """
SELECT date_trunc('month', received_at AT TIME ZONE 'Asia/Shanghai')::date AS month, platform_code,
       count(*)::integer AS batches,
       count(*) FILTER (WHERE state = 'refused' AND settled_at <= %(as_of)s)::integer AS refused,
       count(*) FILTER (WHERE state = 'received' OR settled_at > %(as_of)s)::integer AS under_way,
       (array_agg(contract_version ORDER BY string_to_array(contract_version, '.')::integer[] DESC)
           FILTER (WHERE state = 'loaded' AND settled_at <= %(as_of)s))[1] AS release
FROM hub.batch
WHERE received_at >= %(since)s AND received_at < %(until)s AND received_at <= %(as_of)s
  AND platform_code = ANY(%(platforms)s)
GROUP BY 1, 2 ORDER BY 1, 2
"""

# Batches loaded by then, and items of notices about them that were revoked by then (our rule was wrong).
SETTLED: LiteralString = """
WITH settled AS MATERIALIZED (
    SELECT id, platform_code, contract_version, received_at,
           date_trunc('month', received_at AT TIME ZONE 'Asia/Shanghai')::date AS month
    FROM hub.batch
    WHERE received_at >= %(since)s AND received_at < %(until)s AND settled_at <= %(as_of)s AND state = 'loaded'
      AND platform_code = ANY(%(platforms)s)
), undone AS MATERIALIZED (
    SELECT DISTINCT n.batch_id, i.dataset, i.file, i."row"
    FROM hub.notice n JOIN hub.notice_item i USING (notice_no) JOIN hub.notice_event e USING (notice_no, item_no)
    WHERE n.platform_code = ANY(%(platforms)s) AND i.state = 'revoked_by_hub' AND e.to_state = 'revoked_by_hub'
      AND e.at <= %(as_of)s
), rejections AS MATERIALIZED (
    SELECT q.id, q.batch_id, q.load_id, q.dataset, q.file, q."row", q.data_key, q.raw ->> 'DATA_TYPE' AS operation,
           u.batch_id IS NOT NULL AS revoked
    FROM settled b JOIN hub.quarantine q ON q.batch_id = b.id JOIN hub.load l ON l.id = q.load_id
    LEFT JOIN undone u ON (u.batch_id, u.dataset, u.file, u."row") = (q.batch_id, q.dataset, q.file, q."row")
    WHERE l.recorded_at <= %(as_of)s
)
"""

# Accepted records by dataset stand in the report of the load and in what was released later; the rest is rows.
RECORDS: LiteralString = """
, parts AS (
    SELECT b.id AS batch_id, p.dataset, p.received, p.accepted, 0 AS rejected, 0 AS revoked, 0 AS incomplete,
           0 AS inaccurate
    FROM settled b JOIN hub.batch h USING (id)
    CROSS JOIN jsonb_to_recordset(h.report -> 'datasets') p (dataset text, received integer, accepted integer)
    UNION ALL
    SELECT h.batch_id, h.dataset, 0, count(*), 0, 0, 0, 0
    FROM settled b JOIN hub.held h ON h.batch_id = b.id
    WHERE h.state IN ('accepted', 'superseded') AND h.settled_at <= %(as_of)s
    GROUP BY h.batch_id, h.dataset
    UNION ALL
    SELECT r.batch_id, r.dataset, 0, 0, count(*), count(*) FILTER (WHERE r.revoked),
           count(*) FILTER (WHERE f.incomplete AND NOT r.revoked),
           count(*) FILTER (WHERE f.inaccurate AND NOT r.revoked)
    FROM rejections r
    LEFT JOIN LATERAL (
        SELECT bool_or(x.dimension = 'completeness') AS incomplete,
               bool_or(x.dimension IN ('accuracy', 'consistency', 'reasonableness', 'timeliness')) AS inaccurate
        FROM hub.finding x
        WHERE (x.batch_id, x.dataset, x.file, x."row") = (r.batch_id, r.dataset, r.file, r."row")
          AND x.severity = 'reject') f ON true
    GROUP BY r.batch_id, r.dataset
)
SELECT b.month, b.platform_code, p.dataset, sum(p.received)::integer AS received,
       sum(p.accepted)::integer AS accepted, sum(p.rejected)::integer AS rejected, sum(p.revoked)::integer AS revoked,
       sum(p.incomplete)::integer AS incomplete, sum(p.inaccurate)::integer AS inaccurate
FROM parts p JOIN settled b ON b.id = p.batch_id LEFT JOIN hub.dataset d ON d.dataset = p.dataset
WHERE %(trades)s::text[] IS NULL OR d.trade = ANY(%(trades)s)
GROUP BY b.month, b.platform_code, p.dataset ORDER BY 1, 2, 3
"""

# An item that carries on an earlier one (its record was rejected again) is counted once, with the first notice.
ITEMS: LiteralString = """
WITH notices AS MATERIALIZED (
    SELECT notice_no, platform_code, date_trunc('month', issued_at AT TIME ZONE 'Asia/Shanghai')::date AS month
    FROM hub.notice
    WHERE issued_at >= %(since)s AND issued_at < %(until)s AND issued_at <= %(as_of)s
      AND platform_code = ANY(%(platforms)s)
), states AS MATERIALIZED (
    SELECT DISTINCT ON (e.notice_no, e.item_no) e.notice_no, e.item_no, e.to_state
    FROM hub.notice_event e JOIN notices USING (notice_no)
    WHERE e.item_no IS NOT NULL AND e.at <= %(as_of)s ORDER BY e.notice_no, e.item_no, e.id DESC
), due AS MATERIALIZED (
    SELECT DISTINCT ON (d.notice_no) d.notice_no, d.due_at
    FROM hub.notice_deadline d JOIN notices USING (notice_no)
    WHERE d.recorded_at <= %(as_of)s ORDER BY d.notice_no, d.seq DESC
), items AS (
    SELECT n.month, n.platform_code, n.notice_no, coalesce(s.to_state, 'open') AS state,
           EXISTS (SELECT FROM hub.notice_item p
                   WHERE p.child_no = i.notice_no AND p.child_item_no = i.item_no) AS carries_on,
           coalesce(c.issued_at <= %(as_of)s, false) AS carried_on, coalesce(d.due_at <= %(as_of)s, false) AS over
    FROM notices n JOIN hub.notice_item i USING (notice_no)
    LEFT JOIN states s USING (notice_no, item_no) LEFT JOIN due d USING (notice_no)
    LEFT JOIN hub.notice c ON c.notice_no = i.child_no LEFT JOIN hub.dataset k ON k.dataset = i.dataset
    WHERE %(trades)s::text[] IS NULL OR k.trade = ANY(%(trades)s)
)
SELECT month, platform_code, count(DISTINCT notice_no)::integer AS notices,
       count(*) FILTER (WHERE NOT carries_on)::integer AS items,
       count(*) FILTER (WHERE NOT carries_on AND state IN ('corrected', 'withdrawn'))::integer AS repaired,
       count(*) FILTER (WHERE NOT carries_on AND state = 'revoked_by_hub')::integer AS revoked,
       count(*) FILTER (WHERE state = 'open' AND over AND NOT carried_on)::integer AS overdue
FROM items GROUP BY month, platform_code ORDER BY 1, 2
"""

# What the batches brought, accepted or rejected.
CARRIED: LiteralString = """
SELECT DISTINCT x.dataset, b.contract_version
FROM settled b
JOIN (SELECT o.batch_id, l.dataset FROM hub.load o JOIN hub.load_leaf l ON l.load_id = o.id
      WHERE o.batch_id IN (SELECT id FROM settled)
      UNION SELECT batch_id, dataset FROM rejections) x ON x.batch_id = b.id
JOIN hub.dataset d ON d.dataset = x.dataset
WHERE %(trades)s::text[] IS NULL OR d.trade = ANY(%(trades)s)
ORDER BY 1, 2
"""

FIRST_SENT: LiteralString = """
SELECT platform_code, min(received_at) FROM hub.batch
WHERE platform_code = ANY(%(platforms)s) AND received_at <= %(as_of)s GROUP BY platform_code
"""

OFFERED: LiteralString = """
SELECT contract_version, trade, dataset, label_zh FROM hub.contract_dataset ORDER BY contract_version, dataset
"""

# {accepted}: first versions, one branch a dataset; {rejected}: rejected keys that no version came before.
ARRIVALS: LiteralString = """
, lag AS (
    SELECT * FROM unnest(%(lag_datasets)s::text[], %(lag_releases)s::text[], %(lag_minutes)s::integer[])
        AS x (dataset, release, minutes)
), platform_lag AS (
    SELECT * FROM unnest(%(lag_platforms)s::text[], %(platform_minutes)s::integer[]) AS x (platform_code, minutes)
), versions AS (
    SELECT b.month, b.platform_code, v.dataset, v.occurred_at,
           NOT coalesce(e.before, false) AS first,
           NOT coalesce(e.before, false) AND NOT coalesce(e.beside, false) AS first_accepted,
           least(b.received_at, e.received_at) - v.occurred_at
               <= make_interval(mins => coalesce(g.minutes, a.minutes)) AS in_time
    FROM ({accepted}) v JOIN settled b ON b.id = v.batch_id
    LEFT JOIN lag g ON g.dataset = v.dataset AND g.release = b.contract_version
    LEFT JOIN platform_lag a ON a.platform_code = b.platform_code
    LEFT JOIN LATERAL (
        SELECT bool_or(q.batch_id < v.batch_id AND u.batch_id IS NULL) AS before,
               bool_or(q.batch_id = v.batch_id AND u.batch_id IS NULL) AS beside, min(o.received_at) AS received_at
        FROM hub.quarantine q JOIN hub.batch o ON o.id = q.batch_id JOIN hub.load l ON l.id = q.load_id
        LEFT JOIN undone u ON (u.batch_id, u.dataset, u.file, u."row") = (q.batch_id, q.dataset, q.file, q."row")
        WHERE q.data_key = v.data_key AND q.dataset = v.dataset AND q.batch_id <= v.batch_id
          AND o.platform_code = b.platform_code AND l.recorded_at <= %(as_of)s) e ON true
), gone AS MATERIALIZED (
    {rejected}
), keyless AS (
    SELECT dataset, batch_id, data_key FROM gone WHERE data_key IS NULL
), keyed AS (
    SELECT DISTINCT dataset, batch_id, data_key FROM gone WHERE data_key IS NOT NULL
), counted AS (
    SELECT month, platform_code, dataset, first, first_accepted, in_time IS NOT NULL AS timed, in_time
    FROM versions
    UNION ALL
    SELECT b.month, b.platform_code, r.dataset, true, false, false, NULL
    FROM (SELECT * FROM keyless UNION ALL SELECT k.* FROM keyed k WHERE NOT EXISTS (
        SELECT FROM hub.quarantine q JOIN hub.batch o ON o.id = q.batch_id JOIN settled s ON s.id = k.batch_id
        JOIN hub.load l ON l.id = q.load_id AND l.recorded_at <= %(as_of)s
        LEFT JOIN undone u ON (u.batch_id, u.dataset, u.file, u."row") = (q.batch_id, q.dataset, q.file, q."row")
        WHERE q.data_key = k.data_key AND q.dataset = k.dataset AND q.batch_id < k.batch_id
          AND o.platform_code = s.platform_code AND u.batch_id IS NULL)) r
    JOIN settled b ON b.id = r.batch_id
)
SELECT month, platform_code, dataset, count(*) FILTER (WHERE first)::integer AS first,
       count(*) FILTER (WHERE first_accepted)::integer AS first_accepted,
       count(*) FILTER (WHERE timed)::integer AS timed, count(*) FILTER (WHERE timed AND in_time)::integer AS in_time
FROM counted GROUP BY month, platform_code, dataset ORDER BY 1, 2, 3
"""
