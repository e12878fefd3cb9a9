-- Audit views over the fixed tables. Columns that may be relied on come first; more may follow at the end.

CREATE VIEW audit.batch AS
SELECT platform_code, batch_no, received_at, contract_version, sha256, verdict,
       received, accepted, rejected, held, flagged, raw_uri,
       state, settled_at, channel, size_bytes, content_digest, corrects, refusal_code, refusal_zh
FROM hub.batch;
COMMENT ON VIEW audit.batch IS '批次 one row per batch';

CREATE VIEW audit.finding AS
SELECT b.platform_code, b.batch_no, f.dataset, f.data_key, f.file AS source_file, f."row" AS source_row,
       f.field, f.rule_id, f.rule_version, f.severity, f.dimension, f.message_zh,
       f.message_en, f.value, f.expected_zh, l.kind AS found_by, l.recorded_at AS found_at
FROM hub.finding f JOIN hub.batch b ON b.id = f.batch_id JOIN hub.load l ON l.id = f.load_id;
COMMENT ON VIEW audit.finding IS '校验发现 one row per finding';

CREATE VIEW audit.notice AS
SELECT n.notice_no, n.platform_code, n.batch_no, n.issued_at, d.received_at, d.due_date, d.due_at, d.provisional,
       n.state, n.items,
       (SELECT count(*)::integer FROM hub.notice_item i
         WHERE i.notice_no = n.notice_no AND i.state IN ('open', 'objected')) AS items_open,
       n.closed_at,
       d.evidence, d.calendar_version, n.platform_name_zh, n.refusal ->> 'code' AS refusal_code
FROM hub.notice n
LEFT JOIN LATERAL (SELECT * FROM hub.notice_deadline x WHERE x.notice_no = n.notice_no
                   ORDER BY x.seq DESC LIMIT 1) d ON true;
COMMENT ON VIEW audit.notice IS '反馈通知 one row per notice';

CREATE VIEW audit.notice_item AS
SELECT notice_no, dataset, data_key, state, answer, answered_at, corrected_batch_no,
       item_no, natural_key, label, file AS source_file, "row" AS source_row, findings
FROM hub.notice_item;
COMMENT ON VIEW audit.notice_item IS '通知条目 one row per rejected record on a notice';
