"""What auditors ask (审计问题): each question once, as SQL over the audit views, asked by `hub audit` and printed in
docs/reference/audit-questions.md. Every statement runs as it stands for any login, which sees its own scope.

Parameters are named; `:name` in the documents, `%(name)s` here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `parameters` name what must be given, with an example each."""

    name: str
    title_zh: str
    title_en: str
    parameters: Mapping[str, str]
    sql: str
    command: str  # how `hub audit` asks it


# Something that should follow within days, and did not: first stage, stage that is missing, days, what is said.
GAPS = (
    ("opening", "evaluation", 30, "开标后未见评标", "opened, not evaluated"),
    ("evaluation", "award", 45, "评标后未见中标结果", "evaluated, no award"),
    ("award", "contract", 45, "中标后未见合同", "awarded, no contract (law: 30 days from the award notice)"),
    ("opening", "recording", 3, "开标后未见音视频", "opened, no recording"),
)
# Something that should have come before, and is not there.
BEFORE = (
    ("award", "announcement", "有中标结果而无招标公告", "award without announcement"),
    ("award", "evaluation", "有中标结果而无评标", "award without evaluation"),
    ("opening", "announcement", "有开标而无招标公告", "opening without announcement"),
    ("contract", "award", "有合同而无中标结果", "contract without award"),
)


def _listed(rows: tuple[tuple[object, ...], ...]) -> str:
    return ", ".join("(" + ", ".join(f"'{v}'" if isinstance(v, str) else str(v) for v in row) + ")" for row in rows)


AS_OF = Question(
    "as-of",
    "一条记录在某日的内容",
    "The record on a day",
    {"dataset": "SECTION", "data_key": "4101PR0100000000000001", "at": "2026-11-24 00:00+08"},
    """SELECT version_no, operation, is_deleted, recorded_at, superseded_at, platform_code, batch_no, source_file,
       source_row, contract_version, record_hash, payload
FROM audit.record_of(%(dataset)s, %(data_key)s)
WHERE recorded_at <= %(at)s::timestamptz
  AND (superseded_at IS NULL OR superseded_at > %(at)s::timestamptz)""",
    "hub audit as-of DATASET DATA_KEY DAY",
)
CHANGES = Question(
    "changes",
    "谁在哪份通知之后改了它",
    "Who changed it, after which notice",
    {"dataset": "SECTION", "data_key": "4101PR0100000000000001"},
    """SELECT r.version_no, r.operation, r.recorded_at, r.platform_code, r.batch_no, b.channel, b.corrects,
       i.notice_no, i.item_no, i.state AS item_state, n.issued_at, n.due_at,
       r.recorded_at < n.due_at AS in_time
FROM audit.record_of(%(dataset)s, %(data_key)s) r
JOIN audit.batch b ON b.platform_code = r.platform_code AND b.batch_no = r.batch_no
LEFT JOIN audit.notice_item i ON i.dataset = r.dataset AND i.data_key = r.data_key
     AND i.corrected_batch_no = r.batch_no
LEFT JOIN audit.notice n ON n.notice_no = i.notice_no
ORDER BY r.version_no, i.notice_no""",
    "hub audit changes DATASET DATA_KEY",
)
TIMELINE = Question(
    "timeline",
    "一个项目的全过程",
    "Everything of a project in order, by its code in its trade",
    {"tender_project_code": "E4101002601050001001"},
    """SELECT occurred_at, stage, dataset, bid_section_code, data_key, version_no, recorded_at, platform_code
FROM audit.timeline_of(%(tender_project_code)s)
ORDER BY coalesce(occurred_at, recorded_at), stage, bid_section_code, data_key""",
    "hub audit timeline PROJECT_CODE",
)
PROJECT_GAPS = Question(
    "gaps",
    "一个项目的缺口",
    "Gaps of a project, as far as its trade has datasets for them",
    {"tender_project_code": "E4101002601050001001", "at": "2026-11-24 00:00+08"},
    """WITH event AS MATERIALIZED (
    SELECT t.stage, t.bid_section_code, t.occurred_at, d.trade
    FROM audit.timeline_of(%(tender_project_code)s) t JOIN audit.dataset d ON d.dataset = t.dataset),
section AS (
    SELECT DISTINCT bid_section_code FROM event WHERE bid_section_code IS NOT NULL
    UNION ALL SELECT NULL WHERE NOT EXISTS (SELECT FROM event WHERE bid_section_code IS NOT NULL))
SELECT s.bid_section_code, g.gap_zh, g.gap_en, f.at AS since, f.at + make_interval(days => g.days) AS due
FROM (VALUES $GAPS) AS g (first, missing, days, gap_zh, gap_en)
CROSS JOIN section s
CROSS JOIN LATERAL (SELECT max(e.occurred_at) AS at FROM event e
    WHERE e.stage = g.first AND (e.bid_section_code = s.bid_section_code OR e.bid_section_code IS NULL)
      AND EXISTS (SELECT FROM audit.dataset d WHERE d.stage = g.missing AND d.trade = e.trade)) f
WHERE f.at + make_interval(days => g.days) < %(at)s::timestamptz
  AND NOT EXISTS (SELECT FROM event e WHERE e.stage = g.missing
                  AND (e.bid_section_code = s.bid_section_code OR e.bid_section_code IS NULL))
UNION ALL
SELECT s.bid_section_code, g.gap_zh, g.gap_en, f.at, NULL
FROM (VALUES $BEFORE) AS g (first, missing, gap_zh, gap_en)
CROSS JOIN section s
CROSS JOIN LATERAL (SELECT min(e.occurred_at) AS at, count(*) AS events FROM event e
    WHERE e.stage = g.first AND (e.bid_section_code = s.bid_section_code OR e.bid_section_code IS NULL)
      AND EXISTS (SELECT FROM audit.dataset d WHERE d.stage = g.missing AND d.trade = e.trade)) f
WHERE f.events > 0
  AND NOT EXISTS (SELECT FROM event e WHERE e.stage = g.missing
                  AND (e.bid_section_code = s.bid_section_code OR e.bid_section_code IS NULL))
ORDER BY 1, 4, 2""".replace("$GAPS", _listed(GAPS)).replace("$BEFORE", _listed(BEFORE)),
    "hub audit timeline PROJECT_CODE",
)
REJECTION = Question(
    "rejection",
    "哪个规范版本、规则和日历造成了这次退回",
    "Which contract version, rule text and calendar produced this rejection",
    {"notice_no": "FK-41010001-2026-000001", "item_no": "1"},
    """SELECT n.notice_no, i.item_no, n.contract_version, i.dataset, i.data_key, i.source_file, i.source_row,
       f ->> 'rule_id' AS rule_id, f ->> 'rule_version' AS rule_version, f ->> 'field' AS field,
       f ->> 'value' AS value, f ->> 'message_zh' AS message_zh, f ->> 'expected_zh' AS expected_zh,
       n.issued_at, n.received_at, n.evidence, n.due_at, n.calendar_version, n.policy, n.counted_days,
       n.provisional, i.state, i.answer
FROM audit.notice_item i JOIN audit.notice n ON n.notice_no = i.notice_no
CROSS JOIN jsonb_array_elements(i.findings) f
WHERE i.notice_no = %(notice_no)s AND (%(item_no)s::integer IS NULL OR i.item_no = %(item_no)s::integer)
ORDER BY i.item_no, rule_id""",
    "hub audit rejection NOTICE_NO [ITEM]",
)
LOOKED = Question(
    "looked",
    "谁查询过什么",
    "Who looked at what",
    {"login": "zhang_san", "since": "2026-11-01 00:00+08", "limit": "100"},
    """SELECT at, login, client, application, statement
FROM audit.query_log
WHERE (%(login)s::text IS NULL OR login = %(login)s)
  AND (%(since)s::timestamptz IS NULL OR at >= %(since)s::timestamptz)
ORDER BY at DESC LIMIT %(limit)s""",
    "hub audit looked [--login NAME]",
)
RECORDING_GAPS = Question(
    "recordings",
    "音视频与开标评标是否对得上",
    "Whether recordings match the openings and evaluations",
    {"at": "2026-11-24 00:00+08", "platform_code": "91410100MA00000000"},
    """WITH session AS (
    SELECT k.dataset, t.platform_code, t.tender_project_code AS project,
           coalesce(t.bid_section_code, t.tender_project_code) AS section, t.stage,
           CASE t.stage WHEN 'opening' THEN '3' ELSE '4' END AS kind, min(t.occurred_at) AS held_at
    FROM audit.project_timeline t JOIN audit.dataset d ON d.dataset = t.dataset
    JOIN audit.dataset k ON k.stage = 'recording' AND k.trade = d.trade
    WHERE t.stage IN ('opening', 'evaluation') AND t.tender_project_code IS NOT NULL AND t.occurred_at IS NOT NULL
      AND (%(platform_code)s::text IS NULL OR t.platform_code = %(platform_code)s)
    GROUP BY 1, 2, 3, 4, 5, 6),
recording AS MATERIALIZED (
    SELECT r.dataset, r.platform_code, r.tender_project_code AS project, btrim(part) AS section, r.session_kind AS kind,
           r.recording_code, r.uri, r.uri_expires_at, r.storage_kind, r.duration_seconds, r.started_at, r.ended_at,
           r.recorded_at
    FROM audit.recording r
    CROSS JOIN LATERAL unnest(string_to_array(coalesce(r.bid_section_code, r.tender_project_code), ';')) part
    WHERE %(platform_code)s::text IS NULL OR r.platform_code = %(platform_code)s),
taken AS (
    SELECT s.section, s.project, s.kind, s.dataset, r.started_at, r.ended_at FROM session s JOIN recording r
        ON r.dataset = s.dataset AND r.section = s.section AND r.kind = s.kind
    UNION ALL  -- where the one names sections and the other the project as a whole
    SELECT s.section, s.project, s.kind, s.dataset, r.started_at, r.ended_at FROM session s JOIN recording r
        ON r.dataset = s.dataset AND r.project = s.project AND r.kind = s.kind
        AND r.section <> s.section AND (r.section = r.project OR s.section = s.project))
SELECT s.platform_code, s.section AS bid_section_code, s.stage, NULL AS recording_code, 'missing' AS gap,
       '没有该环节的音视频' AS gap_zh, s.held_at AS since, s.dataset
FROM session s
WHERE s.held_at + interval '3 days' < %(at)s::timestamptz
  AND NOT EXISTS (SELECT FROM taken r WHERE (r.dataset, r.project, r.section, r.kind)
                  = (s.dataset, s.project, s.section, s.kind))
UNION ALL
SELECT s.platform_code, s.section, s.stage, NULL, 'not_covered', '音视频未覆盖该环节的时间', s.held_at, s.dataset
FROM session s
JOIN taken r ON (r.dataset, r.project, r.section, r.kind) = (s.dataset, s.project, s.section, s.kind)
GROUP BY 1, 2, 3, 7, 8
HAVING NOT coalesce(bool_or(s.held_at BETWEEN r.started_at AND r.ended_at), false)
UNION ALL
SELECT r.platform_code, r.section, r.kind, r.recording_code, 'duration', '登记时长与起止时间不符', r.started_at,
       r.dataset
FROM recording r
WHERE abs(r.duration_seconds - extract(epoch FROM r.ended_at - r.started_at)) > greatest(2, 0.005 * r.duration_seconds)
UNION ALL
SELECT r.platform_code, r.section, r.kind, r.recording_code, 'credentials', '地址中含有账号、口令或令牌', r.recorded_at,
       r.dataset
FROM recording r
WHERE r.uri ~* '://[^/]*@|[?&](user|username|pwd|passwd|password|token|secret|ak|sk|accesskey)='
UNION ALL
SELECT r.platform_code, r.section, r.kind, r.recording_code, 'expired', '地址已过有效期', r.uri_expires_at, r.dataset
FROM recording r WHERE r.uri_expires_at < %(at)s::timestamptz
UNION ALL
SELECT r.platform_code, r.section, r.kind, r.recording_code, 'loop', '循环存储将满30天，尚无归档', r.ended_at, r.dataset
FROM recording r
WHERE r.storage_kind = '1' AND r.ended_at + interval '25 days' < %(at)s::timestamptz
  AND NOT EXISTS (SELECT FROM recording k WHERE k.dataset = r.dataset AND k.section = r.section AND k.kind = r.kind
                  AND k.storage_kind <> '1')
ORDER BY 1, 2, 5, 4""",
    "hub audit recordings",
)
QUESTIONS = (AS_OF, CHANGES, TIMELINE, PROJECT_GAPS, REJECTION, LOOKED, RECORDING_GAPS)


def ask(conn: Connection, question: Question, **given: Any) -> list[dict[str, Any]]:
    """Rows of the answer, in the question's order."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(question.sql.encode(), given).fetchall()
