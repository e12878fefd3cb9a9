-- Outlooks: how loaded batches fare under the next release of the spec. Never part of the findings. Schema hub.

CREATE TABLE hub.outlook (
    batch_id bigint NOT NULL REFERENCES hub.batch,
    release text NOT NULL,
    received bigint NOT NULL,
    passing bigint NOT NULL,
    rejected bigint NOT NULL,
    held bigint NOT NULL,
    newly_rejected bigint NOT NULL,
    rules jsonb NOT NULL,
    examples jsonb NOT NULL,
    refusal text,
    checked_at timestamptz NOT NULL,
    PRIMARY KEY (batch_id, release),
    CHECK (received = passing + rejected + held)
);
COMMENT ON TABLE hub.outlook IS '前瞻 how a loaded batch fares under another release; replaced when a draft changes';
COMMENT ON COLUMN hub.outlook.batch_id IS '批次 batch';
COMMENT ON COLUMN hub.outlook.release IS '对照版本 release it was held against';
COMMENT ON COLUMN hub.outlook.received IS '记录数 records of the batch';
COMMENT ON COLUMN hub.outlook.passing IS '可通过 records that would be accepted';
COMMENT ON COLUMN hub.outlook.rejected IS '将退回 records that would be rejected';
COMMENT ON COLUMN hub.outlook.held IS '将待父级 records that would wait for a parent';
COMMENT ON COLUMN hub.outlook.newly_rejected IS '新增退回 records that would be rejected and are not rejected today';
COMMENT ON COLUMN hub.outlook.rules IS '规则 rules that would reject: rule_id, severity, records, message_zh';
COMMENT ON COLUMN hub.outlook.examples IS '示例 some of the findings, personal values masked';
COMMENT ON COLUMN hub.outlook.refusal IS '无法读取的原因 why the batch could not be read under the release';
COMMENT ON COLUMN hub.outlook.checked_at IS '校验时间 when it was made';

CREATE VIEW audit.outlook WITH (security_barrier) AS
SELECT b.platform_code, b.batch_no, b.contract_version, o.release AS next_release, o.received, o.passing, o.rejected,
       o.held, o.newly_rejected, o.refusal, o.checked_at
FROM hub.outlook o JOIN hub.batch b ON b.id = o.batch_id
WHERE (SELECT hub.sees_all()) OR b.platform_code = ANY ((SELECT hub.my_platforms(''))::text[]);
COMMENT ON VIEW audit.outlook IS '前瞻 one row per batch and release it was held against';

CREATE VIEW audit.outlook_rule WITH (security_barrier) AS
SELECT b.platform_code, b.batch_no, o.release AS next_release, r ->> 'rule_id' AS rule_id,
       (r ->> 'records')::bigint AS records, r ->> 'message_zh' AS message_zh
FROM hub.outlook o JOIN hub.batch b ON b.id = o.batch_id CROSS JOIN jsonb_array_elements(o.rules) r
WHERE (SELECT hub.sees_all()) OR b.platform_code = ANY ((SELECT hub.my_platforms(''))::text[]);
COMMENT ON VIEW audit.outlook_rule IS '前瞻规则 one row per rule that would reject records of a batch';
COMMENT ON COLUMN audit.outlook.platform_code IS '平台标识码 platform';
COMMENT ON COLUMN audit.outlook.batch_no IS '批次号 batch';
COMMENT ON COLUMN audit.outlook.contract_version IS '规范版本 release it was sent by';
COMMENT ON COLUMN audit.outlook.next_release IS '对照版本 release it was held against';
COMMENT ON COLUMN audit.outlook.received IS '记录数 records';
COMMENT ON COLUMN audit.outlook.passing IS '可通过 would be accepted';
COMMENT ON COLUMN audit.outlook.rejected IS '将退回 would be rejected';
COMMENT ON COLUMN audit.outlook.held IS '将待父级 would wait for a parent';
COMMENT ON COLUMN audit.outlook.newly_rejected IS '新增退回 would be rejected and are not today';
COMMENT ON COLUMN audit.outlook.refusal IS '无法读取的原因 why it could not be read';
COMMENT ON COLUMN audit.outlook.checked_at IS '校验时间 when it was made';
COMMENT ON COLUMN audit.outlook_rule.platform_code IS '平台标识码 platform';
COMMENT ON COLUMN audit.outlook_rule.batch_no IS '批次号 batch';
COMMENT ON COLUMN audit.outlook_rule.next_release IS '对照版本 release it was held against';
COMMENT ON COLUMN audit.outlook_rule.rule_id IS '规则编号 rule';
COMMENT ON COLUMN audit.outlook_rule.records IS '记录数 records that break it';
COMMENT ON COLUMN audit.outlook_rule.message_zh IS '差错 one of its messages';
