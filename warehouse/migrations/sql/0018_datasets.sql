-- Datasets with their stage and trade, for questions that depend on what a trade has; recordings of several datasets.

CREATE VIEW audit.dataset WITH (security_barrier) AS SELECT dataset, label_zh, stage, trade FROM hub.dataset;
COMMENT ON VIEW audit.dataset IS '数据集 one row per dataset that can be stored, as its newest release has it';
COMMENT ON COLUMN audit.dataset.dataset IS '数据集英文名 dataset';
COMMENT ON COLUMN audit.dataset.label_zh IS '数据集名称 Chinese name';
COMMENT ON COLUMN audit.dataset.stage IS '交易环节 stage of the trade';
COMMENT ON COLUMN audit.dataset.trade IS '交易类别 trade; empty: common to all';
GRANT SELECT ON audit.dataset TO hub_auditor, hub_supervisor, hub_office, hub_platform, hub_engineer;

ALTER TABLE hub.recording_check ADD COLUMN dataset text NOT NULL DEFAULT 'RECORDING';
ALTER TABLE hub.recording_check ALTER COLUMN dataset DROP DEFAULT;
COMMENT ON COLUMN hub.recording_check.dataset IS '数据集英文名 dataset of the recording';
DROP INDEX hub.recording_check_version_idx;
-- audit.recording.check_state: the newest check of a version
CREATE INDEX recording_check_version_idx ON hub.recording_check (dataset, data_key, version_no, id);
