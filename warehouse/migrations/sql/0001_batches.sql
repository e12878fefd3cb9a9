-- Batches, loads and their evidence, findings, quarantine, held records. Schema hub.

CREATE FUNCTION hub.deny_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only: % is not allowed', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = '只允许追加 (append only): write a new version instead';
END $$;
COMMENT ON FUNCTION hub.deny_change() IS '拒绝修改与删除 refuses UPDATE, DELETE and TRUNCATE on append-only tables';

CREATE TABLE hub.schema_state (
    name text PRIMARY KEY,
    value text NOT NULL
);
COMMENT ON TABLE hub.schema_state IS '库结构指纹 what the generated tables and views were made from';
COMMENT ON COLUMN hub.schema_state.name IS '名称 name of the generated part';
COMMENT ON COLUMN hub.schema_state.value IS '指纹 sha256 of its definition';

CREATE TABLE hub.platform (
    code text PRIMARY KEY,
    short_code text NOT NULL UNIQUE,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    region text NOT NULL,
    trades text[] NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE hub.platform IS '交易平台 names of the trading platforms, copied from their cards for views and reports';
COMMENT ON COLUMN hub.platform.code IS '平台标识码 PLATFORM_CODE, 18 characters';
COMMENT ON COLUMN hub.platform.short_code IS '平台短码 8 digits used in notice numbers';
COMMENT ON COLUMN hub.platform.name_zh IS '平台名称 Chinese name';
COMMENT ON COLUMN hub.platform.name_en IS '英文名称 English name';
COMMENT ON COLUMN hub.platform.region IS '行政区划代码 GB/T 2260 region';
COMMENT ON COLUMN hub.platform.trades IS '交易类别 trades of the platform';
COMMENT ON COLUMN hub.platform.updated_at IS '更新时间 when the copy was last taken';

CREATE TABLE hub.contract_dataset (
    dataset text NOT NULL,
    contract_version text NOT NULL,
    label_zh text NOT NULL,
    stage text NOT NULL,
    occurred_at text,
    lookup_fields text[] NOT NULL,
    PRIMARY KEY (dataset, contract_version)
);
COMMENT ON TABLE hub.contract_dataset IS '数据集（按规范版本） datasets of every contract release the tables were made for';
COMMENT ON COLUMN hub.contract_dataset.dataset IS '数据集英文名 dataset';
COMMENT ON COLUMN hub.contract_dataset.contract_version IS '规范版本 contract release';
COMMENT ON COLUMN hub.contract_dataset.label_zh IS '数据集中文名 Chinese name';
COMMENT ON COLUMN hub.contract_dataset.stage IS '交易环节 stage of the trade';
COMMENT ON COLUMN hub.contract_dataset.occurred_at IS '发生时间字段 field that tells when the event happened';
COMMENT ON COLUMN hub.contract_dataset.lookup_fields IS '检索字段 business codes that are looked up (parents, unique values)';

CREATE TABLE hub.contract_field (
    dataset text NOT NULL,
    contract_version text NOT NULL,
    position integer NOT NULL,
    field text NOT NULL,
    type text NOT NULL,
    label_zh text NOT NULL,
    separator text,
    PRIMARY KEY (dataset, contract_version, position),
    UNIQUE (dataset, contract_version, field),
    FOREIGN KEY (dataset, contract_version) REFERENCES hub.contract_dataset
);
COMMENT ON TABLE hub.contract_field IS '字段（按规范版本） fields in the order over which record hashes are computed';
COMMENT ON COLUMN hub.contract_field.dataset IS '数据集英文名 dataset';
COMMENT ON COLUMN hub.contract_field.contract_version IS '规范版本 contract release';
COMMENT ON COLUMN hub.contract_field.position IS '序号 position in the contract, from 1';
COMMENT ON COLUMN hub.contract_field.field IS '字段英文名 field, as in the spec';
COMMENT ON COLUMN hub.contract_field.type IS '类型 string, text, integer, decimal, datetime, date or boolean';
COMMENT ON COLUMN hub.contract_field.label_zh IS '字段中文名 Chinese name';
COMMENT ON COLUMN hub.contract_field.separator IS '分隔符 separator where the field carries several values';

CREATE TABLE hub.batch (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    platform_code text NOT NULL,
    batch_no text NOT NULL,
    state text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'loaded', 'refused')),
    verdict text CHECK (verdict IN ('accepted', 'partially_accepted', 'rejected', 'refused')),
    received integer NOT NULL DEFAULT 0 CHECK (received >= 0),
    accepted integer NOT NULL DEFAULT 0 CHECK (accepted >= 0),
    rejected integer NOT NULL DEFAULT 0 CHECK (rejected >= 0),
    held integer NOT NULL DEFAULT 0 CHECK (held >= 0),
    flagged integer NOT NULL DEFAULT 0 CHECK (flagged BETWEEN 0 AND accepted),
    refusal_code text,
    refusal_zh text,
    refusal_en text,
    refusal_where text,
    channel text NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    content_digest text NOT NULL,
    raw_uri text NOT NULL,
    size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
    contract_version text,
    sent_at timestamptz,
    corrects text[] NOT NULL DEFAULT '{}',
    manifest jsonb,
    report jsonb,
    received_at timestamptz NOT NULL,
    settled_at timestamptz,
    UNIQUE (platform_code, batch_no),
    CONSTRAINT batch_counts_add_up CHECK (received = accepted + rejected + held),
    CONSTRAINT batch_verdict_of_state CHECK ((state = 'received') = (verdict IS NULL)
        AND (state = 'refused') = (verdict IS NOT DISTINCT FROM 'refused')),
    CONSTRAINT batch_refusal_has_code CHECK ((state = 'refused') = (refusal_code IS NOT NULL))
);
-- hub.batches.list_batches: newest batches, of one platform or of all
CREATE INDEX batch_received_at_idx ON hub.batch (received_at DESC);
COMMENT ON TABLE hub.batch IS '批次 one package of a platform, whatever became of it';
COMMENT ON COLUMN hub.batch.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.batch.platform_code IS '平台标识码 sender, as far as it could be read';
COMMENT ON COLUMN hub.batch.batch_no IS '批次号 number given by the sender, unique per platform';
COMMENT ON COLUMN hub.batch.state IS '状态 received 已接收, loaded 已入库, refused 整批退回';
COMMENT ON COLUMN hub.batch.verdict IS '结论 accepted, partially_accepted, rejected or refused; empty until settled';
COMMENT ON COLUMN hub.batch.received IS '接收记录数 records received = accepted + rejected + held';
COMMENT ON COLUMN hub.batch.accepted IS '通过记录数 records accepted';
COMMENT ON COLUMN hub.batch.rejected IS '退回记录数 records rejected';
COMMENT ON COLUMN hub.batch.held IS '暂存记录数 records that wait for a parent';
COMMENT ON COLUMN hub.batch.flagged IS '存疑或预警记录数 accepted records with a query or an alert';
COMMENT ON COLUMN hub.batch.refusal_code IS '整批退回原因代码 code of the refusal';
COMMENT ON COLUMN hub.batch.refusal_zh IS '整批退回原因 reason in Chinese';
COMMENT ON COLUMN hub.batch.refusal_en IS '整批退回原因（英文） reason in English';
COMMENT ON COLUMN hub.batch.refusal_where IS '位置 place in the package';
COMMENT ON COLUMN hub.batch.channel IS '接入方式 how the package came in';
COMMENT ON COLUMN hub.batch.sha256 IS '数据包散列 SHA-256 of the bytes as received';
COMMENT ON COLUMN hub.batch.content_digest IS '内容散列 digest of the members, independent of the packing';
COMMENT ON COLUMN hub.batch.raw_uri IS '原始数据包地址 where the bytes as received are kept';
COMMENT ON COLUMN hub.batch.size_bytes IS '字节数 size in bytes';
COMMENT ON COLUMN hub.batch.contract_version IS '规范版本 contract release named by the manifest';
COMMENT ON COLUMN hub.batch.sent_at IS '制包时间 created_at of the manifest';
COMMENT ON COLUMN hub.batch.corrects IS '更正的反馈通知 notices that this batch answers';
COMMENT ON COLUMN hub.batch.manifest IS '清单 the manifest';
COMMENT ON COLUMN hub.batch.report IS '校验报告 the report that was given to the sender';
COMMENT ON COLUMN hub.batch.received_at IS '接收时间 when it was received';
COMMENT ON COLUMN hub.batch.settled_at IS '处理时间 when it was loaded or refused';

CREATE TABLE hub.delivery_conflict (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id bigint NOT NULL REFERENCES hub.batch,
    channel text NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    content_digest text NOT NULL,
    raw_uri text NOT NULL,
    size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
    received_at timestamptz NOT NULL,
    UNIQUE (batch_id, content_digest)
);
COMMENT ON TABLE hub.delivery_conflict IS '批次号冲突 other bytes sent again under a batch number in use; refused, kept as evidence';
COMMENT ON COLUMN hub.delivery_conflict.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.delivery_conflict.batch_id IS '首个批次 the batch that holds the number';
COMMENT ON COLUMN hub.delivery_conflict.channel IS '接入方式 how it came in';
COMMENT ON COLUMN hub.delivery_conflict.sha256 IS '数据包散列 SHA-256 of the bytes as received';
COMMENT ON COLUMN hub.delivery_conflict.content_digest IS '内容散列 digest of the members';
COMMENT ON COLUMN hub.delivery_conflict.raw_uri IS '原始数据包地址 where the bytes are kept';
COMMENT ON COLUMN hub.delivery_conflict.size_bytes IS '字节数 size in bytes';
COMMENT ON COLUMN hub.delivery_conflict.received_at IS '接收时间 when it was received';

CREATE TABLE hub.load (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id bigint NOT NULL REFERENCES hub.batch,
    kind text NOT NULL CHECK (kind IN ('ingest', 'held_release', 'held_expiry')),
    accepted integer NOT NULL CHECK (accepted >= 0),
    rejected integer NOT NULL CHECK (rejected >= 0),
    held integer NOT NULL CHECK (held >= 0),
    flagged integer NOT NULL CHECK (flagged BETWEEN 0 AND accepted),
    recorded_at timestamptz NOT NULL,
    UNIQUE (id, batch_id)
);
-- warehouse.loader: a batch is ingested once; warehouse.evidence: loads of one batch
CREATE UNIQUE INDEX load_one_ingest_idx ON hub.load (batch_id) WHERE kind = 'ingest';
CREATE INDEX load_batch_idx ON hub.load (batch_id, id);
COMMENT ON TABLE hub.load IS '入库事件 one transaction that loaded records: a batch, held records released, or held records expired';
COMMENT ON COLUMN hub.load.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.load.batch_id IS '批次 batch';
COMMENT ON COLUMN hub.load.kind IS '类别 ingest 入库, held_release 暂存放行, held_expiry 暂存到期';
COMMENT ON COLUMN hub.load.accepted IS '通过记录数 records accepted by this event';
COMMENT ON COLUMN hub.load.rejected IS '退回记录数 records rejected by this event';
COMMENT ON COLUMN hub.load.held IS '暂存记录数 records that (still) wait';
COMMENT ON COLUMN hub.load.flagged IS '存疑或预警记录数 accepted records that were flagged';
COMMENT ON COLUMN hub.load.recorded_at IS '入库时间 when it was loaded';

CREATE TABLE hub.load_proof (
    seq bigint PRIMARY KEY CHECK (seq > 0),
    load_id bigint NOT NULL UNIQUE REFERENCES hub.load,
    inserted integer NOT NULL CHECK (inserted >= 0),
    root bytea NOT NULL CHECK (length(root) = 32),
    previous_chain bytea NOT NULL CHECK (length(previous_chain) = 32),
    chain bytea NOT NULL CHECK (length(chain) = 32),
    evidence_version text NOT NULL
);
COMMENT ON TABLE hub.load_proof IS '存证链 Merkle root of each load event, chained to the one before; append-only';
COMMENT ON COLUMN hub.load_proof.seq IS '链上序号 place in the chain, from 1, without gaps';
COMMENT ON COLUMN hub.load_proof.load_id IS '入库事件 load';
COMMENT ON COLUMN hub.load_proof.inserted IS '新增版本数 versions written; the other accepted records changed nothing';
COMMENT ON COLUMN hub.load_proof.root IS '默克尔根 Merkle root over the versions written';
COMMENT ON COLUMN hub.load_proof.previous_chain IS '前一链值 chain value of the load before';
COMMENT ON COLUMN hub.load_proof.chain IS '链值 sha256(previous chain, root, sha256 of the package)';
COMMENT ON COLUMN hub.load_proof.evidence_version IS '存证算法版本 version of canonical text and leaf';

CREATE TABLE hub.load_leaf (
    load_id bigint NOT NULL REFERENCES hub.load,
    dataset text NOT NULL,
    chunk integer NOT NULL,
    data_keys text[] NOT NULL,
    version_nos integer[] NOT NULL,
    leaves bytea NOT NULL,
    PRIMARY KEY (load_id, dataset, chunk),
    CHECK (cardinality(data_keys) = cardinality(version_nos) AND length(leaves) = 32 * cardinality(data_keys))
);
COMMENT ON TABLE hub.load_leaf IS '默克尔叶 leaves of a load, so that a changed, missing or added record can be named';
COMMENT ON COLUMN hub.load_leaf.load_id IS '入库事件 load';
COMMENT ON COLUMN hub.load_leaf.dataset IS '数据集 dataset';
COMMENT ON COLUMN hub.load_leaf.chunk IS '分块序号 number of the chunk, from 0';
COMMENT ON COLUMN hub.load_leaf.data_keys IS '数据主键 DATA_KEYs, sorted';
COMMENT ON COLUMN hub.load_leaf.version_nos IS '版本号 version of each';
COMMENT ON COLUMN hub.load_leaf.leaves IS '叶散列 32 bytes each, in the same order';

CREATE TABLE hub.finding (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id bigint NOT NULL,
    load_id bigint NOT NULL,
    dataset text NOT NULL,
    file text NOT NULL,
    "row" bigint,
    data_key text,
    field text,
    rule_id text NOT NULL,
    rule_version integer NOT NULL,
    severity text NOT NULL CHECK (severity IN ('reject', 'query', 'alert')),
    dimension text NOT NULL,
    value text,
    message_zh text NOT NULL,
    message_en text NOT NULL,
    expected_zh text NOT NULL,
    FOREIGN KEY (load_id, batch_id) REFERENCES hub.load (id, batch_id)
);
-- hub.batches.findings and audit.finding of one batch, in the order of the package
CREATE INDEX finding_batch_idx ON hub.finding (batch_id, dataset, file, "row");
-- audit.finding: what was ever found about one record
CREATE INDEX finding_data_key_idx ON hub.finding (data_key);
COMMENT ON TABLE hub.finding IS '校验发现 every broken rule of every record; append-only';
COMMENT ON COLUMN hub.finding.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.finding.batch_id IS '批次 batch';
COMMENT ON COLUMN hub.finding.load_id IS '入库事件 load event that found it';
COMMENT ON COLUMN hub.finding.dataset IS '数据集 dataset';
COMMENT ON COLUMN hub.finding.file IS '数据文件 file inside the package';
COMMENT ON COLUMN hub.finding."row" IS '记录序号 number of the record in its file, from 1';
COMMENT ON COLUMN hub.finding.data_key IS '数据主键 DATA_KEY as sent';
COMMENT ON COLUMN hub.finding.field IS '字段 field';
COMMENT ON COLUMN hub.finding.rule_id IS '规则编号 rule';
COMMENT ON COLUMN hub.finding.rule_version IS '规则版本 version of the rule';
COMMENT ON COLUMN hub.finding.severity IS '级别 reject 退回, query 存疑, alert 合规预警';
COMMENT ON COLUMN hub.finding.dimension IS '质量维度 legality, completeness, accuracy, timeliness, consistency or reasonableness';
COMMENT ON COLUMN hub.finding.value IS '报送值 value as sent, masked where personal';
COMMENT ON COLUMN hub.finding.message_zh IS '说明 text in Chinese';
COMMENT ON COLUMN hub.finding.message_en IS '说明（英文） text in English';
COMMENT ON COLUMN hub.finding.expected_zh IS '应填内容 what was expected';

CREATE TABLE hub.quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id bigint NOT NULL,
    load_id bigint NOT NULL,
    dataset text NOT NULL,
    file text NOT NULL,
    "row" bigint NOT NULL,
    data_key text,
    raw jsonb NOT NULL,
    attachments jsonb,
    FOREIGN KEY (load_id, batch_id) REFERENCES hub.load (id, batch_id),
    UNIQUE (batch_id, dataset, file, "row")
);
-- the rejected records of one DATA_KEY over time
CREATE INDEX quarantine_data_key_idx ON hub.quarantine (data_key);
COMMENT ON TABLE hub.quarantine IS '隔离区 rejected records as they were sent; append-only';
COMMENT ON COLUMN hub.quarantine.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.quarantine.batch_id IS '批次 batch';
COMMENT ON COLUMN hub.quarantine.load_id IS '入库事件 load event that rejected it';
COMMENT ON COLUMN hub.quarantine.dataset IS '数据集 dataset';
COMMENT ON COLUMN hub.quarantine.file IS '数据文件 file inside the package';
COMMENT ON COLUMN hub.quarantine."row" IS '记录序号 number of the record in its file, from 1';
COMMENT ON COLUMN hub.quarantine.data_key IS '数据主键 DATA_KEY as sent';
COMMENT ON COLUMN hub.quarantine.raw IS '报送内容 values as sent, text; NUL characters are written as U+2400';
COMMENT ON COLUMN hub.quarantine.attachments IS '附件 SOURCE rows of the record';

CREATE TABLE hub.held (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id bigint NOT NULL,
    load_id bigint NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'accepted', 'rejected')),
    dataset text NOT NULL,
    contract_version text NOT NULL,
    file text NOT NULL,
    "row" bigint NOT NULL,
    data_key text,
    raw jsonb NOT NULL,
    attachments jsonb,
    waits_for jsonb NOT NULL,
    since timestamptz NOT NULL,
    settled_by bigint REFERENCES hub.load,
    settled_at timestamptz,
    FOREIGN KEY (load_id, batch_id) REFERENCES hub.load (id, batch_id),
    UNIQUE (batch_id, dataset, file, "row"),
    CONSTRAINT held_settled_by_load CHECK ((state = 'waiting') = (settled_by IS NULL)
        AND (state = 'waiting') = (settled_at IS NULL))
);
-- warehouse.held.candidates and expired: records that still wait, oldest first
CREATE INDEX held_waiting_idx ON hub.held (since) WHERE state = 'waiting';
COMMENT ON TABLE hub.held IS '暂存区 records whose parent has not arrived; re-tried when it does';
COMMENT ON COLUMN hub.held.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.held.batch_id IS '批次 batch';
COMMENT ON COLUMN hub.held.load_id IS '入库事件 load event that held it';
COMMENT ON COLUMN hub.held.state IS '状态 waiting 等待, accepted 已通过, rejected 已退回';
COMMENT ON COLUMN hub.held.dataset IS '数据集 dataset';
COMMENT ON COLUMN hub.held.contract_version IS '规范版本 contract release of its batch';
COMMENT ON COLUMN hub.held.file IS '数据文件 file inside the package';
COMMENT ON COLUMN hub.held."row" IS '记录序号 number of the record in its file, from 1';
COMMENT ON COLUMN hub.held.data_key IS '数据主键 DATA_KEY as sent';
COMMENT ON COLUMN hub.held.raw IS '报送内容 values as sent, text';
COMMENT ON COLUMN hub.held.attachments IS '附件 SOURCE rows of the record';
COMMENT ON COLUMN hub.held.waits_for IS '等待的上级记录 JSON list of [dataset, field, value]';
COMMENT ON COLUMN hub.held.since IS '起始时间 since when it waits';
COMMENT ON COLUMN hub.held.settled_by IS '放行或到期事件 load event that ended the wait';
COMMENT ON COLUMN hub.held.settled_at IS '结束时间 when the wait ended';
