-- Held records find their way out; batches of one platform keep their order. Schema hub, views in audit.

ALTER TABLE hub.held DROP CONSTRAINT held_state_check;
ALTER TABLE hub.held ADD CONSTRAINT held_state_check CHECK (state IN ('waiting', 'accepted', 'rejected', 'superseded'));
-- warehouse.held.candidates: waiting records of a key that a load wrote; warehouse.stored.current: keys on their way
CREATE INDEX held_waiting_key_idx ON hub.held (dataset, data_key) WHERE state = 'waiting';
COMMENT ON COLUMN hub.held.state IS
    '状态 waiting 等待, accepted 已通过, rejected 已退回, superseded 已被同一主键的后续批次取代';

CREATE TABLE hub.held_wait (
    held_id bigint NOT NULL REFERENCES hub.held,
    dataset text NOT NULL,
    field text NOT NULL,
    value text NOT NULL
);
-- warehouse.held.unmet: what one record waits for
CREATE INDEX held_wait_held_idx ON hub.held_wait (held_id);
-- warehouse.held.candidates: who waits for a code; hashed, since a sender's text may be longer than an index takes
CREATE INDEX held_wait_parent_idx ON hub.held_wait (dataset, field, md5(value));
COMMENT ON TABLE hub.held_wait IS '等待关系 what each waiting record waits for, one row a reference; gone when it is settled';
COMMENT ON COLUMN hub.held_wait.held_id IS '暂存记录 held record';
COMMENT ON COLUMN hub.held_wait.dataset IS '上级数据集 dataset of the parent';
COMMENT ON COLUMN hub.held_wait.field IS '上级字段 field of the parent';
COMMENT ON COLUMN hub.held_wait.value IS '等待的值 value that the parent must have';
INSERT INTO hub.held_wait SELECT h.id, w ->> 0, w ->> 1, w ->> 2
    FROM hub.held h CROSS JOIN jsonb_array_elements(h.waits_for) w WHERE h.state = 'waiting';

CREATE TABLE hub.release_due (
    load_id bigint PRIMARY KEY REFERENCES hub.load
);
COMMENT ON TABLE hub.release_due IS '待放行 loads whose records may free held ones; written with the load, gone when that is done';
COMMENT ON COLUMN hub.release_due.load_id IS '入库事件 load event';

ALTER TABLE hub.batch ADD COLUMN progress_at timestamptz DEFAULT clock_timestamp();
COMMENT ON COLUMN hub.batch.progress_at IS '进展时间 last sign of life on the way to the load, by the database''s clock; empty when set aside';
-- warehouse.order.earlier: batches of a platform that are still under way
CREATE INDEX batch_under_way_idx ON hub.batch (platform_code, id) WHERE state = 'received';

-- What became of a batch's records by now; as the report said it stands at the end.
CREATE OR REPLACE VIEW audit.batch AS
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
                   FROM hub.load x WHERE x.batch_id = b.id) l ON true;
COMMENT ON VIEW audit.batch IS '批次（现状） batches, with what became of their records by now; reported_*: as the report said';

CREATE VIEW audit.held AS
SELECT b.platform_code, b.batch_no, h.dataset, h.data_key, h.state, h.waits_for, h.since, h.settled_at,
       l.kind AS settled_by, h.file AS source_file, h."row" AS source_row, h.contract_version
FROM hub.held h JOIN hub.batch b ON b.id = h.batch_id LEFT JOIN hub.load l ON l.id = h.settled_by;
COMMENT ON VIEW audit.held IS '暂存记录 records that waited for a parent, and what became of them';
GRANT SELECT ON audit.held TO hub_auditor;
