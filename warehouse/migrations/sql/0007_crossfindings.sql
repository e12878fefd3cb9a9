-- Findings of rules across datasets: judged anew after every load, each with the run that found it and the run that
-- no longer did. Schema hub, views in audit.

CREATE TABLE hub.cross_run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    load_id bigint NOT NULL UNIQUE REFERENCES hub.load,
    contract_version text NOT NULL,
    calendar_version text NOT NULL,
    rules jsonb NOT NULL,
    scopes integer NOT NULL,
    opened integer NOT NULL,
    closed integer NOT NULL,
    flagged integer NOT NULL,
    ran_at timestamptz NOT NULL
);
COMMENT ON TABLE hub.cross_run IS '跨数据集规则的每次运行 one run of the rules across datasets, after a load';
COMMENT ON COLUMN hub.cross_run.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.cross_run.load_id IS '入库事件 load event after which it ran';
COMMENT ON COLUMN hub.cross_run.contract_version IS '规范版本 contract release by which the fields were read';
COMMENT ON COLUMN hub.cross_run.calendar_version IS '工作日历版本 calendar of working days';
COMMENT ON COLUMN hub.cross_run.rules IS '规则及版本 ids and versions of the rules';
COMMENT ON COLUMN hub.cross_run.scopes IS '涉及的招标项目数 tender projects that were judged';
COMMENT ON COLUMN hub.cross_run.opened IS '新发现 findings that were new';
COMMENT ON COLUMN hub.cross_run.closed IS '已消除 findings that no longer stood';
COMMENT ON COLUMN hub.cross_run.flagged IS
    '本次入库的记录中因此加标记的 records of the load with a query of these rules and none of their own';
COMMENT ON COLUMN hub.cross_run.ran_at IS '运行时间 instant of the run';

CREATE TABLE hub.cross_finding (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scope text NOT NULL,
    run_id bigint NOT NULL REFERENCES hub.cross_run,
    closed_run_id bigint REFERENCES hub.cross_run,
    batch_id bigint NOT NULL REFERENCES hub.batch,
    dataset text NOT NULL,
    data_key text NOT NULL,
    version_no integer NOT NULL,
    file text NOT NULL,
    "row" bigint NOT NULL,
    field text NOT NULL,
    rule_id text NOT NULL,
    rule_version integer NOT NULL,
    severity text NOT NULL CHECK (severity IN ('query', 'alert')),
    dimension text NOT NULL,
    value text,
    message_zh text NOT NULL,
    message_en text NOT NULL,
    expected_zh text NOT NULL
);
-- warehouse.crossfindings: what stands about a tender project
CREATE INDEX cross_finding_scope_idx ON hub.cross_finding (scope) WHERE closed_run_id IS NULL;
-- audit.finding of one record, of one batch
CREATE INDEX cross_finding_data_key_idx ON hub.cross_finding (data_key);
CREATE INDEX cross_finding_batch_idx ON hub.cross_finding (batch_id);
COMMENT ON TABLE hub.cross_finding IS '跨数据集发现 findings of rules across datasets; closed by a later run, never changed otherwise';
COMMENT ON COLUMN hub.cross_finding.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.cross_finding.scope IS '招标项目编号 tender project within which records were compared';
COMMENT ON COLUMN hub.cross_finding.run_id IS '发现于 run that found it first';
COMMENT ON COLUMN hub.cross_finding.closed_run_id IS '消除于 run that no longer found it; none while it stands';
COMMENT ON COLUMN hub.cross_finding.batch_id IS '批次 batch that brought the version of the record';
COMMENT ON COLUMN hub.cross_finding.dataset IS '数据集 dataset';
COMMENT ON COLUMN hub.cross_finding.data_key IS '数据主键 DATA_KEY';
COMMENT ON COLUMN hub.cross_finding.version_no IS '版本号 version of the record that was judged';
COMMENT ON COLUMN hub.cross_finding.file IS '数据文件 file inside the package';
COMMENT ON COLUMN hub.cross_finding."row" IS '记录序号 number of the record in its file, from 1';
COMMENT ON COLUMN hub.cross_finding.field IS '字段 field';
COMMENT ON COLUMN hub.cross_finding.rule_id IS '规则编号 rule';
COMMENT ON COLUMN hub.cross_finding.rule_version IS '规则版本 version of the rule';
COMMENT ON COLUMN hub.cross_finding.severity IS '级别 query 存疑, alert 合规预警';
COMMENT ON COLUMN hub.cross_finding.dimension IS '质量维度 quality dimension';
COMMENT ON COLUMN hub.cross_finding.value IS '报送值 value as stored, masked where personal';
COMMENT ON COLUMN hub.cross_finding.message_zh IS '说明 message';
COMMENT ON COLUMN hub.cross_finding.message_en IS '英文说明 message in English';
COMMENT ON COLUMN hub.cross_finding.expected_zh IS '应为 what would be right';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.cross_run
    FOR EACH STATEMENT EXECUTE FUNCTION hub.deny_change();
CREATE TRIGGER no_delete BEFORE DELETE OR TRUNCATE ON hub.cross_finding
    FOR EACH STATEMENT EXECUTE FUNCTION hub.deny_change();
CREATE FUNCTION hub.only_close() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_run_id IS NOT NULL OR NEW.closed_run_id IS NULL
        OR (to_jsonb(NEW) - 'closed_run_id') IS DISTINCT FROM (to_jsonb(OLD) - 'closed_run_id') THEN
        RAISE EXCEPTION 'a finding is closed once and never changed otherwise';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_close BEFORE UPDATE ON hub.cross_finding FOR EACH ROW EXECUTE FUNCTION hub.only_close();

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
LEFT JOIN LATERAL (SELECT sum(x.accepted)::integer AS accepted, sum(x.rejected)::integer AS rejected,
                          (sum(x.flagged) + coalesce(sum(r.flagged), 0))::integer AS flagged
                   FROM hub.load x LEFT JOIN hub.cross_run r ON r.load_id = x.id WHERE x.batch_id = b.id) l ON true
WHERE (SELECT hub.sees_all()) OR b.platform_code = ANY ((SELECT hub.my_platforms(''))::text[]);

CREATE OR REPLACE VIEW audit.finding WITH (security_barrier) AS
SELECT b.platform_code, b.batch_no, f.dataset, f.data_key, f.file AS source_file, f."row" AS source_row,
       f.field, f.rule_id, f.rule_version, f.severity, f.dimension, f.message_zh,
       f.message_en, f.value, f.expected_zh, l.kind AS found_by, l.recorded_at AS found_at, b.contract_version
FROM hub.finding f JOIN hub.batch b ON b.id = f.batch_id JOIN hub.load l ON l.id = f.load_id
LEFT JOIN hub.dataset d ON d.dataset = f.dataset
WHERE (SELECT hub.sees_all())
   OR b.platform_code || '|' || coalesce(d.trade, '') = ANY ((SELECT hub.my_pairs())::text[])
UNION ALL
SELECT b.platform_code, b.batch_no, c.dataset, c.data_key, c.file, c."row",
       c.field, c.rule_id, c.rule_version, c.severity, c.dimension, c.message_zh,
       c.message_en, c.value, c.expected_zh, 'after_load', r.ran_at, r.contract_version
FROM hub.cross_finding c JOIN hub.batch b ON b.id = c.batch_id JOIN hub.cross_run r ON r.id = c.run_id
LEFT JOIN hub.dataset d ON d.dataset = c.dataset
WHERE c.closed_run_id IS NULL AND ((SELECT hub.sees_all())
   OR b.platform_code || '|' || coalesce(d.trade, '') = ANY ((SELECT hub.my_pairs())::text[]));
COMMENT ON VIEW audit.finding IS
    '校验发现 one row per finding; those of rules across datasets (found_by after_load) only while they stand';

CREATE VIEW audit.cross_finding WITH (security_barrier) AS
SELECT b.platform_code, b.batch_no, c.scope AS tender_project_code, c.dataset, c.data_key, c.version_no,
       c.file AS source_file, c."row" AS source_row, c.field, c.rule_id, c.rule_version, c.severity, c.dimension,
       c.value, c.message_zh, c.message_en, c.expected_zh,
       r.ran_at AS found_at, fb.platform_code AS found_after_platform, fb.batch_no AS found_after_batch,
       r.contract_version, r.calendar_version,
       z.ran_at AS closed_at, zb.platform_code AS closed_after_platform, zb.batch_no AS closed_after_batch
FROM hub.cross_finding c
JOIN hub.batch b ON b.id = c.batch_id
JOIN hub.cross_run r ON r.id = c.run_id
JOIN hub.load l ON l.id = r.load_id JOIN hub.batch fb ON fb.id = l.batch_id
LEFT JOIN hub.cross_run z ON z.id = c.closed_run_id
LEFT JOIN hub.load zl ON zl.id = z.load_id LEFT JOIN hub.batch zb ON zb.id = zl.batch_id
LEFT JOIN hub.dataset d ON d.dataset = c.dataset
WHERE (SELECT hub.sees_all())
   OR b.platform_code || '|' || coalesce(d.trade, '') = ANY ((SELECT hub.my_pairs())::text[]);
COMMENT ON VIEW audit.cross_finding IS
    '跨数据集发现的始末 every finding across datasets, after which batch it was found and after which it was gone';
COMMENT ON COLUMN audit.cross_finding.platform_code IS '报送平台 platform';
COMMENT ON COLUMN audit.cross_finding.batch_no IS '批次号 batch that brought the record';
COMMENT ON COLUMN audit.cross_finding.tender_project_code IS '招标项目编号 tender project within which records were compared';
COMMENT ON COLUMN audit.cross_finding.dataset IS '数据集 dataset';
COMMENT ON COLUMN audit.cross_finding.data_key IS '数据主键 DATA_KEY';
COMMENT ON COLUMN audit.cross_finding.version_no IS '版本号 version of the record';
COMMENT ON COLUMN audit.cross_finding.source_file IS '数据文件 file inside the package';
COMMENT ON COLUMN audit.cross_finding.source_row IS '记录序号 number of the record in its file';
COMMENT ON COLUMN audit.cross_finding.field IS '字段 field';
COMMENT ON COLUMN audit.cross_finding.rule_id IS '规则编号 rule';
COMMENT ON COLUMN audit.cross_finding.rule_version IS '规则版本 version of the rule';
COMMENT ON COLUMN audit.cross_finding.severity IS '级别 query 存疑, alert 合规预警';
COMMENT ON COLUMN audit.cross_finding.dimension IS '质量维度 quality dimension';
COMMENT ON COLUMN audit.cross_finding.value IS '报送值 value as stored, masked where personal';
COMMENT ON COLUMN audit.cross_finding.message_zh IS '说明 message';
COMMENT ON COLUMN audit.cross_finding.message_en IS '英文说明 message in English';
COMMENT ON COLUMN audit.cross_finding.expected_zh IS '应为 what would be right';
COMMENT ON COLUMN audit.cross_finding.found_at IS '发现时间 instant of the run that found it';
COMMENT ON COLUMN audit.cross_finding.found_after_platform IS '触发发现的平台 platform of the batch after which it was found';
COMMENT ON COLUMN audit.cross_finding.found_after_batch IS '触发发现的批次 batch after which it was found';
COMMENT ON COLUMN audit.cross_finding.contract_version IS '规范版本 contract release by which it was judged';
COMMENT ON COLUMN audit.cross_finding.calendar_version IS '工作日历版本 calendar of working days';
COMMENT ON COLUMN audit.cross_finding.closed_at IS '消除时间 instant of the run that no longer found it; none while it stands';
COMMENT ON COLUMN audit.cross_finding.closed_after_platform IS '消除时的平台 platform of the batch after which it was gone';
COMMENT ON COLUMN audit.cross_finding.closed_after_batch IS '消除时的批次 batch after which it was gone';
