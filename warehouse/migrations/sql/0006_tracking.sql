-- Receipts, answers, decisions, child notices, the outbox, reminders and alarms of feedback notices.

CREATE TABLE hub.notice_decision (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notice_no text NOT NULL REFERENCES hub.notice,
    decision text NOT NULL CHECK (decision IN ('upheld', 'dismissed')),
    items integer[] NOT NULL,
    reason text NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE hub.notice_decision IS '异议处理决定 decisions of the office on objections; append-only';
COMMENT ON COLUMN hub.notice_decision.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.notice_decision.notice_no IS '通知编号 notice with the objections';
COMMENT ON COLUMN hub.notice_decision.decision IS '决定 upheld 异议成立, dismissed 异议不成立';
COMMENT ON COLUMN hub.notice_decision.items IS '条目序号 items decided';
COMMENT ON COLUMN hub.notice_decision.reason IS '理由 why';
COMMENT ON COLUMN hub.notice_decision.actor IS '决定人 who';
COMMENT ON COLUMN hub.notice_decision.at IS '时间 when';

ALTER TABLE hub.notice
    ADD COLUMN decision_id bigint REFERENCES hub.notice_decision,
    ADD COLUMN items_open integer NOT NULL DEFAULT 0 CHECK (items_open BETWEEN 0 AND items),
    DROP CONSTRAINT notice_once,
    ADD CONSTRAINT notice_once UNIQUE NULLS NOT DISTINCT (batch_id, load_id, conflict_id, decision_id),
    DROP CONSTRAINT notice_state_check,
    ADD CONSTRAINT notice_state_check
        CHECK (state IN ('issued', 'delivered', 'received', 'answered', 'overdue', 'closed'));
COMMENT ON COLUMN hub.notice.decision_id IS '异议处理决定 the dismissal that this child notice follows from';
COMMENT ON COLUMN hub.notice.items_open IS '未办结条目数 items not settled yet; kept with every change of an item';
COMMENT ON COLUMN hub.notice.state IS '状态 issued 已签发, delivered 已送达, received 已签收, answered 已答复, overdue 已逾期, closed 已办结';
UPDATE hub.notice n SET items_open = (SELECT count(*) FROM hub.notice_item i
    WHERE i.notice_no = n.notice_no AND i.state IN ('open', 'objected', 'cannot_correct'));
-- warehouse.notices.search: the notices of a few platforms, newest first
CREATE INDEX notice_platform_idx ON hub.notice (platform_code, issued_at DESC);

ALTER TABLE hub.notice_item
    ADD COLUMN answer_reason text,
    ADD COLUMN answered_by text,
    ADD COLUMN child_no text REFERENCES hub.notice,
    ADD COLUMN child_item_no integer,
    ADD CONSTRAINT notice_item_child FOREIGN KEY (child_no, child_item_no) REFERENCES hub.notice_item,
    ADD CONSTRAINT notice_item_child_whole CHECK ((child_no IS NULL) = (child_item_no IS NULL));
COMMENT ON COLUMN hub.notice_item.answer IS '答复 confirmed_true, withdrawn, objection or cannot_correct';
COMMENT ON COLUMN hub.notice_item.answer_reason IS '答复说明 reason given, personal numbers masked';
COMMENT ON COLUMN hub.notice_item.answered_by IS '答复人 who answered';
COMMENT ON COLUMN hub.notice_item.child_no IS '后续通知 child notice that carries the item on (failed again, or objection dismissed)';
COMMENT ON COLUMN hub.notice_item.child_item_no IS '后续条目 item of the child notice';
-- warehouse.notice_links: the parents of a child's items
CREATE INDEX notice_item_child_idx ON hub.notice_item (child_no, child_item_no) WHERE child_no IS NOT NULL;
DROP INDEX hub.notice_item_open_idx;
-- warehouse.notice_items.tally: what is not settled on one notice
CREATE INDEX notice_item_open_idx ON hub.notice_item (notice_no) WHERE state IN ('open', 'objected', 'cannot_correct');

CREATE TABLE hub.notice_receipt (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notice_no text NOT NULL REFERENCES hub.notice,
    kind text NOT NULL CHECK (kind IN ('inbox', 'mail', 'portal_fetch', 'acknowledgement', 'answer')),
    channel text NOT NULL,
    evidence text NOT NULL,
    actor text NOT NULL,
    received_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL
);
-- warehouse.notice_receipts.receipts: what proves the receipt of one notice
CREATE INDEX notice_receipt_notice_idx ON hub.notice_receipt (notice_no, id);
COMMENT ON TABLE hub.notice_receipt IS '送达与签收凭据 proofs that a notice was received; the first that counts starts the clock; append-only';
COMMENT ON COLUMN hub.notice_receipt.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.notice_receipt.notice_no IS '通知编号 notice';
COMMENT ON COLUMN hub.notice_receipt.kind IS '凭据类别 inbox 收件位置, mail 邮件, portal_fetch 门户查阅, acknowledgement 签收, answer 答复';
COMMENT ON COLUMN hub.notice_receipt.channel IS '送达方式 channel';
COMMENT ON COLUMN hub.notice_receipt.evidence IS '凭据 address, size, hash, server answer or account';
COMMENT ON COLUMN hub.notice_receipt.actor IS '签收人 who';
COMMENT ON COLUMN hub.notice_receipt.received_at IS '接收时间 when it was received';
COMMENT ON COLUMN hub.notice_receipt.recorded_at IS '登记时间 when the hub learned of it';

CREATE TABLE hub.notice_outbox (
    notice_no text PRIMARY KEY REFERENCES hub.notice,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'done', 'undeliverable')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_at timestamptz NOT NULL,
    last_error text
);
-- warehouse.notice_outbox.waiting: notices to deliver, the earliest first
CREATE INDEX notice_outbox_next_idx ON hub.notice_outbox (next_at) WHERE state <> 'done';
COMMENT ON TABLE hub.notice_outbox IS '待送达 notices to deliver: written with the notice in one transaction';
COMMENT ON COLUMN hub.notice_outbox.notice_no IS '通知编号 notice';
COMMENT ON COLUMN hub.notice_outbox.state IS '状态 waiting 待送达, sent 已发出待签收, done 已送达, undeliverable 无法送达（仍会重试）';
COMMENT ON COLUMN hub.notice_outbox.attempts IS '尝试次数 rounds that failed so far';
COMMENT ON COLUMN hub.notice_outbox.next_at IS '下次尝试 not before';
COMMENT ON COLUMN hub.notice_outbox.last_error IS '最近失败原因 why the last round failed';
INSERT INTO hub.notice_outbox (notice_no, state, next_at)
SELECT notice_no, CASE WHEN state = 'issued' THEN 'waiting' ELSE 'done' END, issued_at FROM hub.notice;

ALTER TABLE hub.notice_delivery
    DROP CONSTRAINT notice_delivery_outcome_check,
    ADD CONSTRAINT notice_delivery_outcome_check CHECK (outcome IN ('sending', 'sent', 'delivered', 'failed'));
COMMENT ON COLUMN hub.notice_delivery.outcome IS '结果 sending 开始, sent 已发出（尚无接收凭据）, delivered 送达, failed 失败';

CREATE TABLE hub.notice_reminder (
    notice_no text NOT NULL REFERENCES hub.notice,
    due_date date NOT NULL,
    step text NOT NULL,
    recipient text NOT NULL,
    channel text NOT NULL,
    evidence text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (notice_no, due_date, step, recipient)
);
COMMENT ON TABLE hub.notice_reminder IS '催办记录 reminders and escalations that went out, once per step, deadline and recipient; append-only';
COMMENT ON COLUMN hub.notice_reminder.notice_no IS '通知编号 notice';
COMMENT ON COLUMN hub.notice_reminder.due_date IS '截止日 deadline that the step counts from';
COMMENT ON COLUMN hub.notice_reminder.step IS '步骤 step of the escalation configuration';
COMMENT ON COLUMN hub.notice_reminder.recipient IS '对象 platform 中心, office 公管办 or operator 运维';
COMMENT ON COLUMN hub.notice_reminder.channel IS '方式 channel';
COMMENT ON COLUMN hub.notice_reminder.evidence IS '凭据 where it went';
COMMENT ON COLUMN hub.notice_reminder.at IS '时间 when';

CREATE TABLE hub.alarm (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    subject text NOT NULL,
    message_zh text NOT NULL,
    message_en text NOT NULL,
    raised_at timestamptz NOT NULL,
    cleared_at timestamptz,
    cleared_by text,
    CONSTRAINT alarm_cleared_by CHECK ((cleared_at IS NULL) = (cleared_by IS NULL))
);
-- warehouse.alarms.raise_alarm: at most one open alarm of a kind about a subject
CREATE UNIQUE INDEX alarm_open_idx ON hub.alarm (kind, subject) WHERE cleared_at IS NULL;
COMMENT ON TABLE hub.alarm IS '运维告警 what an operator must look at';
COMMENT ON COLUMN hub.alarm.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.alarm.kind IS '类别 kind, as undeliverable or calendar_missing';
COMMENT ON COLUMN hub.alarm.subject IS '对象 what it is about, as a notice number';
COMMENT ON COLUMN hub.alarm.message_zh IS '说明 text in Chinese';
COMMENT ON COLUMN hub.alarm.message_en IS '说明（英文） text in English';
COMMENT ON COLUMN hub.alarm.raised_at IS '发生时间 when raised';
COMMENT ON COLUMN hub.alarm.cleared_at IS '解除时间 when cleared';
COMMENT ON COLUMN hub.alarm.cleared_by IS '解除人 who cleared it';

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['notice_decision', 'notice_receipt', 'notice_reminder']
    LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.%I
            FOR EACH STATEMENT EXECUTE FUNCTION hub.deny_change()', guarded);
    END LOOP;
    FOREACH guarded IN ARRAY ARRAY['notice_outbox', 'alarm']
    LOOP
        EXECUTE format('CREATE TRIGGER no_delete BEFORE DELETE OR TRUNCATE ON hub.%I
            FOR EACH STATEMENT EXECUTE FUNCTION hub.deny_change()', guarded);
    END LOOP;
END $$;

-- The views over notices, with what is new at their end; each shows a login only what its scopes allow.
CREATE OR REPLACE VIEW audit.notice WITH (security_barrier) AS
SELECT n.notice_no, n.platform_code, n.batch_no, n.issued_at, d.received_at, d.due_date, d.due_at, d.provisional,
       n.state, n.items, n.items_open, n.closed_at,
       d.evidence, d.calendar_version, n.platform_name_zh, n.refusal ->> 'code' AS refusal_code,
       n.contract_version, d.counted_days, d.policy,
       (SELECT array_agg(DISTINCT p.notice_no) FROM hub.notice_item p WHERE p.child_no = n.notice_no) AS parents
FROM hub.notice n
LEFT JOIN LATERAL (SELECT * FROM hub.notice_deadline x WHERE x.notice_no = n.notice_no
                   ORDER BY x.seq DESC LIMIT 1) d ON true
WHERE (SELECT hub.sees_all()) OR n.platform_code = ANY ((SELECT hub.my_platforms(''))::text[]);

CREATE OR REPLACE VIEW audit.notice_item WITH (security_barrier) AS
SELECT i.notice_no, i.dataset, i.data_key, i.state, i.answer, i.answered_at, i.corrected_batch_no,
       i.item_no, i.natural_key, i.label, i.file AS source_file, i."row" AS source_row, i.findings, n.platform_code,
       i.answer_reason, i.answered_by, i.child_no, i.child_item_no
FROM hub.notice_item i JOIN hub.notice n ON n.notice_no = i.notice_no LEFT JOIN hub.dataset d ON d.dataset = i.dataset
WHERE (SELECT hub.sees_all())
   OR n.platform_code || '|' || coalesce(d.trade, '') = ANY ((SELECT hub.my_pairs())::text[]);

CREATE VIEW audit.notice_receipt WITH (security_barrier) AS
SELECT r.notice_no, n.platform_code, r.kind, r.channel, r.evidence, r.actor, r.received_at, r.recorded_at
FROM hub.notice_receipt r JOIN hub.notice n ON n.notice_no = r.notice_no
WHERE (SELECT hub.sees_all()) OR n.platform_code = ANY ((SELECT hub.my_platforms(''))::text[]);
COMMENT ON VIEW audit.notice_receipt IS '送达与签收凭据 one row per proof of receipt';

CREATE VIEW audit.notice_deadline WITH (security_barrier) AS
SELECT d.notice_no, n.platform_code, d.seq, d.received_at, d.due_date, d.due_at, d.counted_days, d.provisional,
       d.calendar_version, d.policy, d.evidence, d.reason, d.recorded_at
FROM hub.notice_deadline d JOIN hub.notice n ON n.notice_no = d.notice_no
WHERE (SELECT hub.sees_all()) OR n.platform_code = ANY ((SELECT hub.my_platforms(''))::text[]);
COMMENT ON VIEW audit.notice_deadline IS '核查期限 every deadline of a notice with its reason; the last one holds';

-- Comments of the columns: those of the tables behind, where the names are the same.
DO $$
DECLARE
    said record;
BEGIN
    FOR said IN
        SELECT v.table_name AS view, v.column_name, d.description FROM information_schema.columns v
        JOIN pg_class c ON c.relname = v.table_name AND c.relnamespace = 'hub'::regnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = v.column_name
        JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = a.attnum AND d.classoid = 'pg_class'::regclass
        WHERE v.table_schema = 'audit' AND v.table_name IN ('notice_item', 'notice_receipt', 'notice_deadline')
    LOOP
        EXECUTE format('COMMENT ON COLUMN audit.%I.%I IS %L', said.view, said.column_name, said.description);
    END LOOP;
END $$;
COMMENT ON COLUMN audit.notice.parents IS '原通知 notices whose items this one carries on';
COMMENT ON COLUMN audit.notice_receipt.platform_code IS '平台标识码 sender';
COMMENT ON COLUMN audit.notice_deadline.platform_code IS '平台标识码 sender';
COMMENT ON COLUMN audit.notice_item.source_file IS '数据文件 file inside the package';
COMMENT ON COLUMN audit.notice_item.source_row IS '记录序号 number of the record in its file, from 1';
GRANT SELECT ON audit.notice_receipt, audit.notice_deadline
    TO hub_auditor, hub_supervisor, hub_office, hub_platform, hub_engineer;
