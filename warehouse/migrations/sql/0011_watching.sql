-- What operations watch: how long the stages take, and how the last verifications of the evidence ended. Schema hub.

CREATE TABLE hub.stage_time (
    stage text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('done', 'failed')),
    runs bigint NOT NULL CHECK (runs >= 0),
    packages bigint NOT NULL CHECK (packages >= 0),
    seconds double precision NOT NULL CHECK (seconds >= 0),
    slots bigint[] NOT NULL,
    PRIMARY KEY (stage, outcome)
);
COMMENT ON TABLE hub.stage_time IS '环节用时 running totals of the stages, for the monitoring; a few rows, no batch named';
COMMENT ON COLUMN hub.stage_time.stage IS '环节 receive, validate, load, notify or deliver';
COMMENT ON COLUMN hub.stage_time.outcome IS '结果 done 完成, failed 因枢纽自身故障未完成';
COMMENT ON COLUMN hub.stage_time.runs IS '次数 how often it ran, for a package or a group of packages';
COMMENT ON COLUMN hub.stage_time.packages IS '数据包数 packages that it took';
COMMENT ON COLUMN hub.stage_time.seconds IS '总秒数 seconds in total';
COMMENT ON COLUMN hub.stage_time.slots IS '分布 runs by duration, one number per bound of warehouse.watching.BOUNDS and one for longer';

CREATE TABLE hub.verify_run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ok boolean NOT NULL,
    loads bigint NOT NULL,
    differences bigint NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE hub.verify_run IS '存证核验 each verification of the whole evidence and how it ended; append-only';
COMMENT ON COLUMN hub.verify_run.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.verify_run.ok IS '无差异 whether no difference was found';
COMMENT ON COLUMN hub.verify_run.loads IS '核验的入库事件数 load events that were verified';
COMMENT ON COLUMN hub.verify_run.differences IS '差异数 differences found';
COMMENT ON COLUMN hub.verify_run.at IS '时间 when';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.verify_run
    FOR EACH STATEMENT EXECUTE FUNCTION hub.deny_change();
