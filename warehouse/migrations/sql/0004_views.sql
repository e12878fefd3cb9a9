-- Audit views over the fixed tables, again: each shows a login only what its scopes allow. A view is a security
-- barrier, so that no function of a query sees a row before the scope has let it pass. Columns are only added at the end.

CREATE OR REPLACE VIEW audit.batch WITH (security_barrier) AS
SELECT b.platform_code, b.batch_no, b.received_at, b.contract_version, b.sha256,
       CASE WHEN b.state <> 'loaded' THEN b.verdict
            WHEN l.accepted = b.received THEN 'accepted'
            WHEN l.rejected = b.received THEN 'rejected'
            ELSE 'partially_accepted' END AS verdict,
       b.received, coalesce(l.accepted, 0) AS accepted, coalesce(l.rejected, 0) AS rejected,
       b.received - coalesce(l.accepted, 0) - coalesce(l.rejected, 0) AS held, coalesce(l.flagged, 0) AS flagged,
       b.raw_uri, b.state, b.settled_at, b.channel, b.size_bytes, b.content_digest, b.corrects, b.refusal_code,
       b.refusal_zh,
       b.verdict AS reported_verdict, b.accepted AS reported_accepted, b.rejected AS reported_rejected,
       b.held AS reported_held, b.flagged AS reported_flagged
FROM hub.batch b
LEFT JOIN LATERAL (SELECT sum(accepted)::integer AS accepted, sum(rejected)::integer AS rejected,
                          sum(flagged)::integer AS flagged
                   FROM hub.load x WHERE x.batch_id = b.id) l ON true
WHERE (SELECT hub.sees_all()) OR b.platform_code = ANY ((SELECT hub.my_platforms(''))::text[]);

CREATE OR REPLACE VIEW audit.finding WITH (security_barrier) AS
SELECT b.platform_code, b.batch_no, f.dataset, f.data_key, f.file AS source_file, f."row" AS source_row,
       f.field, f.rule_id, f.rule_version, f.severity, f.dimension, f.message_zh,
       f.message_en, f.value, f.expected_zh, l.kind AS found_by, l.recorded_at AS found_at, b.contract_version
FROM hub.finding f JOIN hub.batch b ON b.id = f.batch_id JOIN hub.load l ON l.id = f.load_id
LEFT JOIN hub.dataset d ON d.dataset = f.dataset
WHERE (SELECT hub.sees_all())
   OR b.platform_code || '|' || coalesce(d.trade, '') = ANY ((SELECT hub.my_pairs())::text[]);

CREATE OR REPLACE VIEW audit.notice WITH (security_barrier) AS
SELECT n.notice_no, n.platform_code, n.batch_no, n.issued_at, d.received_at, d.due_date, d.due_at, d.provisional,
       n.state, n.items,
       (SELECT count(*)::integer FROM hub.notice_item i
         WHERE i.notice_no = n.notice_no AND i.state IN ('open', 'objected')) AS items_open,
       n.closed_at,
       d.evidence, d.calendar_version, n.platform_name_zh, n.refusal ->> 'code' AS refusal_code,
       n.contract_version, d.counted_days, d.policy
FROM hub.notice n
LEFT JOIN LATERAL (SELECT * FROM hub.notice_deadline x WHERE x.notice_no = n.notice_no
                   ORDER BY x.seq DESC LIMIT 1) d ON true
WHERE (SELECT hub.sees_all()) OR n.platform_code = ANY ((SELECT hub.my_platforms(''))::text[]);

CREATE OR REPLACE VIEW audit.notice_item WITH (security_barrier) AS
SELECT i.notice_no, i.dataset, i.data_key, i.state, i.answer, i.answered_at, i.corrected_batch_no,
       i.item_no, i.natural_key, i.label, i.file AS source_file, i."row" AS source_row, i.findings, n.platform_code
FROM hub.notice_item i JOIN hub.notice n ON n.notice_no = i.notice_no LEFT JOIN hub.dataset d ON d.dataset = i.dataset
WHERE (SELECT hub.sees_all())
   OR n.platform_code || '|' || coalesce(d.trade, '') = ANY ((SELECT hub.my_pairs())::text[]);

CREATE VIEW audit.notice_event WITH (security_barrier) AS
SELECT e.notice_no, e.item_no, e.from_state, e.to_state, e.actor, e.reason, e.at, n.platform_code
FROM hub.notice_event e JOIN hub.notice n ON n.notice_no = e.notice_no
WHERE (SELECT hub.sees_all()) OR n.platform_code = ANY ((SELECT hub.my_platforms(''))::text[]);

CREATE VIEW audit.load WITH (security_barrier) AS
SELECT l.id AS load_id, b.platform_code, b.batch_no, l.kind, l.recorded_at, l.accepted, l.rejected, l.held, l.flagged,
       p.seq, p.inserted, encode(p.root, 'hex') AS root, encode(p.chain, 'hex') AS chain, p.evidence_version,
       encode(s.root, 'hex') AS sm3_root, encode(s.chain, 'hex') AS sm3_chain, a.uri AS anchor_uri
FROM hub.load l JOIN hub.batch b ON b.id = l.batch_id
LEFT JOIN hub.load_proof p ON p.load_id = l.id
LEFT JOIN hub.load_digest s ON s.load_id = l.id AND s.algorithm = 'sm3'
LEFT JOIN hub.anchor a ON a.seq = p.seq
WHERE (SELECT hub.sees_all()) OR b.platform_code = ANY ((SELECT hub.my_platforms(''))::text[]);

CREATE VIEW audit.quarantine WITH (security_barrier) AS
SELECT b.platform_code, b.batch_no, q.dataset, q.data_key, q.file AS source_file, q."row" AS source_row,
       l.recorded_at, b.contract_version,
       CASE WHEN (SELECT hub.sees_personal()) THEN q.raw ELSE hub.mask_sent(q.dataset, q.raw) END AS sent,
       q.attachments
FROM hub.quarantine q JOIN hub.batch b ON b.id = q.batch_id JOIN hub.load l ON l.id = q.load_id
LEFT JOIN hub.dataset d ON d.dataset = q.dataset
WHERE (SELECT hub.sees_all())
   OR b.platform_code || '|' || coalesce(d.trade, '') = ANY ((SELECT hub.my_pairs())::text[]);

CREATE OR REPLACE VIEW audit.held WITH (security_barrier) AS
SELECT b.platform_code, b.batch_no, h.dataset, h.data_key, h.state, h.waits_for, h.since, h.settled_at,
       l.kind AS settled_by, h.file AS source_file, h."row" AS source_row, h.contract_version,
       CASE WHEN (SELECT hub.sees_personal()) THEN h.raw ELSE hub.mask_sent(h.dataset, h.raw) END AS sent,
       h.attachments
FROM hub.held h JOIN hub.batch b ON b.id = h.batch_id LEFT JOIN hub.load l ON l.id = h.settled_by
LEFT JOIN hub.dataset d ON d.dataset = h.dataset
WHERE (SELECT hub.sees_all())
   OR b.platform_code || '|' || coalesce(d.trade, '') = ANY ((SELECT hub.my_pairs())::text[]);

CREATE OR REPLACE VIEW audit.action WITH (security_barrier) AS
SELECT at, actor, action, object, outcome, reason, address FROM hub.action WHERE (SELECT hub.sees_all());

CREATE VIEW audit.platform WITH (security_barrier) AS
SELECT code AS platform_code, short_code, name_zh, region, trades
FROM hub.platform
WHERE (SELECT hub.sees_all()) OR code = ANY ((SELECT hub.my_platforms(''))::text[]);

-- Grants and looks: all of them for who sees everything, one's own for the rest.
CREATE VIEW audit.access_grant WITH (security_barrier) AS
SELECT login, 'scope' AS kind, region, trade, platform_code, reason, granted_by, granted_at, valid_until,
       revoked_at, revoked_by, revoke_reason
FROM hub.scope_grant WHERE (SELECT hub.sees_all()) OR login = session_user
UNION ALL
SELECT login, 'personal', NULL, NULL, NULL, reason, granted_by, granted_at, valid_until,
       revoked_at, revoked_by, revoke_reason
FROM hub.personal_grant WHERE (SELECT hub.sees_all()) OR login = session_user;

CREATE VIEW audit.query_log WITH (security_barrier) AS
SELECT at, login, session, client, application, statement
FROM hub.query_log WHERE (SELECT hub.sees_all()) OR login = session_user;

-- Chinese for every view and column; the same name means the same everywhere.
DO $$
DECLARE
    said record;
    words CONSTANT jsonb := '{
        "platform_code": "平台标识码 sender", "batch_no": "批次号 number given by the sender",
        "received_at": "接收时间 when received", "contract_version": "规范版本 contract release",
        "sha256": "数据包散列 SHA-256 of the bytes as received", "verdict": "结论 accepted, partially_accepted, rejected or refused",
        "received": "接收记录数 records received", "accepted": "通过记录数 records accepted",
        "rejected": "退回记录数 records rejected", "held": "暂存记录数 records that wait for a parent",
        "flagged": "存疑或预警记录数 accepted records with a query or an alert", "raw_uri": "原始数据包地址 where the bytes as received are kept",
        "state": "状态 state", "settled_at": "处理时间 when it was settled", "channel": "接入方式 how it came in",
        "size_bytes": "字节数 size in bytes", "content_digest": "内容散列 digest of the members",
        "corrects": "更正的反馈通知 notices that this batch answers", "refusal_code": "整批退回原因代码 code of the refusal",
        "refusal_zh": "整批退回原因 reason of the refusal", "dataset": "数据集英文名 dataset", "data_key": "数据主键 DATA_KEY",
        "source_file": "数据文件 file inside the package", "source_row": "记录序号 number of the record in its file, from 1",
        "field": "字段 field", "rule_id": "规则编号 rule", "rule_version": "规则版本 version of the rule",
        "severity": "级别 reject 退回, query 存疑, alert 合规预警", "dimension": "质量维度 dimension of quality",
        "message_zh": "说明 text of the finding in Chinese", "message_en": "说明（英文） text in English",
        "value": "报送值 value as sent, masked where personal", "expected_zh": "应填内容 what was expected",
        "found_by": "发现于 kind of the load event", "found_at": "发现时间 when found", "notice_no": "通知编号 notice",
        "issued_at": "签发时间 when issued", "due_date": "截止日 last day", "due_at": "截止时刻 24:00 of the last day, exclusive",
        "provisional": "暂定 no official calendar for a year it touches", "items": "条目数 items when issued",
        "items_open": "未办结条目数 items still open", "closed_at": "办结时间 when closed",
        "evidence": "送达证据 how receipt is known", "calendar_version": "日历版本 version of the working-day calendar",
        "platform_name_zh": "平台名称 name when issued", "counted_days": "计入的工作日 the working days that were counted",
        "policy": "计算规则 rule of counting", "answer": "答复内容 the answer of the centre", "answered_at": "答复时间 when answered",
        "corrected_batch_no": "更正批次号 batch that brought the correction", "item_no": "条目序号 number on the notice",
        "natural_key": "业务编码 business code", "label": "记录名称 what a person knows the record by",
        "findings": "校验发现 the findings as printed", "from_state": "原状态 state before", "to_state": "新状态 state after",
        "actor": "操作者 who", "reason": "原因 why", "at": "时间 when", "load_id": "入库事件 load event", "kind": "类别 kind",
        "recorded_at": "入库时间 since when the hub holds it", "seq": "链上序号 place in the chain",
        "inserted": "新增版本数 versions written", "root": "默克尔根 Merkle root", "chain": "链值 chain value",
        "evidence_version": "存证算法版本 version of the evidence", "sm3_root": "默克尔根（国密SM3） Merkle root by SM3",
        "sm3_chain": "链值（国密SM3） chain value by SM3", "anchor_uri": "链头外存地址 where the chain value was written outside",
        "sent": "报送内容 values as sent, personal ones masked unless granted", "attachments": "附件 SOURCE rows of the record",
        "since": "起始时间 since when it waits", "waits_for": "等待的上级记录 what it waits for", "short_code": "平台短码 part of notice numbers",
        "name_zh": "平台名称 Chinese name", "region": "行政区划 GB/T 2260 region", "trades": "交易类别 trades",
        "trade": "交易类别 trade", "login": "登录账号 database login", "granted_by": "授权人 who granted it",
        "granted_at": "授权时间 when granted", "valid_until": "有效期至 until when", "revoked_at": "撤销时间 when revoked",
        "revoked_by": "撤销人 who revoked it", "revoke_reason": "撤销理由 why revoked", "session": "会话 session of the server",
        "settled_by": "放行或到期 kind of the event that ended the wait", "action": "操作 what", "object": "对象 to what",
        "outcome": "结果 done 完成, refused 拒绝", "address": "来源地址 network address",
        "reported_verdict": "报告结论 verdict as reported to the sender", "reported_accepted": "报告通过数 accepted as reported",
        "reported_rejected": "报告退回数 rejected as reported", "reported_held": "报告暂存数 held as reported",
        "reported_flagged": "报告存疑或预警数 flagged as reported",
        "client": "客户端地址 where from", "application": "应用程序 program", "statement": "语句 statement"}';
    views CONSTANT jsonb := '{"notice_event": "状态变更 one row per transition of a notice or item",
        "load": "入库事件与存证 one row per load event with its seal", "quarantine": "隔离区 one row per rejected record, as sent",
        "platform": "交易平台 one row per platform",
        "access_grant": "授权记录 who may see what, granted by whom and why", "query_log": "查询日志 who looked at what"}';
BEGIN
    FOR said IN SELECT key, value FROM jsonb_each_text(views) LOOP
        EXECUTE format('COMMENT ON VIEW audit.%I IS %L', said.key, said.value);
    END LOOP;
    FOR said IN SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'audit' LOOP
        IF words ? said.column_name THEN
            EXECUTE format('COMMENT ON COLUMN audit.%I.%I IS %L', said.table_name, said.column_name,
                words ->> said.column_name);
        END IF;
    END LOOP;
END $$;
