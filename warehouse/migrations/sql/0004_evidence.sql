-- Evidence, second edition: a second hash beside SHA-256, the head of the chain outside the database, and what the
-- contract tables must know for row security and masking. Schema hub.

ALTER TABLE hub.contract_dataset ADD COLUMN trade text NOT NULL DEFAULT '';
COMMENT ON COLUMN hub.contract_dataset.trade IS '交易类别 trade of the dataset (ODCS domain); empty: common to all trades';
ALTER TABLE hub.contract_field ADD COLUMN personal text;
COMMENT ON COLUMN hub.contract_field.personal IS '个人信息类别 class of personal data: id_number, phone, bank_account, name, email';

CREATE TABLE hub.dataset (
    dataset text PRIMARY KEY,
    label_zh text NOT NULL,
    stage text NOT NULL,
    trade text NOT NULL
);
COMMENT ON TABLE hub.dataset IS '数据集 each dataset once, as its newest contract release has it';
COMMENT ON COLUMN hub.dataset.dataset IS '数据集英文名 dataset';
COMMENT ON COLUMN hub.dataset.label_zh IS '数据集中文名 Chinese name';
COMMENT ON COLUMN hub.dataset.stage IS '交易环节 stage of the trade';
COMMENT ON COLUMN hub.dataset.trade IS '交易类别 trade; empty: common to all trades';

CREATE TABLE hub.load_digest (
    load_id bigint NOT NULL REFERENCES hub.load,
    algorithm text NOT NULL CHECK (algorithm IN ('sm3')),
    root bytea NOT NULL CHECK (length(root) = 32),
    previous_chain bytea NOT NULL CHECK (length(previous_chain) = 32),
    chain bytea NOT NULL CHECK (length(chain) = 32),
    PRIMARY KEY (load_id, algorithm)
);
COMMENT ON TABLE hub.load_digest IS '国密存证 the seal of a load once more by another hash (SM3, GB/T 32905-2016); append-only';
COMMENT ON COLUMN hub.load_digest.load_id IS '入库事件 load';
COMMENT ON COLUMN hub.load_digest.algorithm IS '杂凑算法 hash algorithm';
COMMENT ON COLUMN hub.load_digest.root IS '默克尔根 Merkle root';
COMMENT ON COLUMN hub.load_digest.previous_chain IS '前一链值 chain value of the load sealed by this hash before';
COMMENT ON COLUMN hub.load_digest.chain IS '链值 hash of previous chain, root and SHA-256 of the package';

CREATE TABLE hub.anchor (
    seq bigint PRIMARY KEY REFERENCES hub.load_proof,
    chain bytea NOT NULL CHECK (length(chain) = 32),
    uri text NOT NULL,
    anchored_at timestamptz NOT NULL
);
COMMENT ON TABLE hub.anchor IS '链头外存 heads of the chain that were written to the evidence store; append-only';
COMMENT ON COLUMN hub.anchor.seq IS '链上序号 place in the chain';
COMMENT ON COLUMN hub.anchor.chain IS '链值 chain value';
COMMENT ON COLUMN hub.anchor.uri IS '地址 where it was written';
COMMENT ON COLUMN hub.anchor.anchored_at IS '外存时间 when it was written';

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['load_digest', 'anchor'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.%I
            FOR EACH STATEMENT EXECUTE FUNCTION hub.deny_change()', guarded);
    END LOOP;
END $$;
