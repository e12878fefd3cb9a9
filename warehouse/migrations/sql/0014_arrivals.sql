-- Expected arrivals: since when a platform is known, and the timeliness alerts.

ALTER TABLE hub.platform ADD COLUMN known_since timestamptz;
UPDATE hub.platform SET known_since = updated_at;
ALTER TABLE hub.platform ALTER COLUMN known_since SET NOT NULL;
COMMENT ON COLUMN hub.platform.known_since IS '登记时间 when its card was first recorded';

CREATE TABLE hub.arrival_alert (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('late', 'silent', 'dataset_stopped', 'volume_drop', 'volume_jump',
                                       'faults_jump', 'faults_drop')),
    platform_code text NOT NULL REFERENCES hub.platform (code),
    dataset text NOT NULL,
    owner text NOT NULL,
    message_zh text NOT NULL,
    message_en text NOT NULL,
    raised_at timestamptz NOT NULL,
    closed_at timestamptz
);
-- warehouse.arrivals.open_alert: at most one open alert of a kind about a platform and dataset
CREATE UNIQUE INDEX arrival_alert_open_idx ON hub.arrival_alert (kind, platform_code, dataset) WHERE closed_at IS NULL;
COMMENT ON TABLE hub.arrival_alert IS '时效性预警 what did not arrive as agreed, or unlike before';
COMMENT ON COLUMN hub.arrival_alert.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.arrival_alert.kind IS
    '类别 late 迟报, silent 长期未报, dataset_stopped 数据集中断, volume_drop/jump 数据量骤降/骤增, faults_jump/drop 差错率骤升/骤降';
COMMENT ON COLUMN hub.arrival_alert.platform_code IS '平台标识码 platform';
COMMENT ON COLUMN hub.arrival_alert.dataset IS '数据集 dataset; empty: the platform as a whole';
COMMENT ON COLUMN hub.arrival_alert.owner IS '责任方 who answers for it, as the platform card says';
COMMENT ON COLUMN hub.arrival_alert.message_zh IS '说明 text in Chinese';
COMMENT ON COLUMN hub.arrival_alert.message_en IS '说明（英文） text in English';
COMMENT ON COLUMN hub.arrival_alert.raised_at IS '发生时间 when raised';
COMMENT ON COLUMN hub.arrival_alert.closed_at IS '解除时间 when its cause was gone';
CREATE TRIGGER no_delete BEFORE DELETE OR TRUNCATE ON hub.arrival_alert
    FOR EACH STATEMENT EXECUTE FUNCTION hub.deny_change();

CREATE VIEW audit.arrival_alert WITH (security_barrier) AS
SELECT a.platform_code, a.kind, a.dataset, a.owner, a.message_zh, a.message_en, a.raised_at, a.closed_at
FROM hub.arrival_alert a
WHERE (SELECT hub.sees_all()) OR a.platform_code = ANY ((SELECT hub.my_platforms(''))::text[]);
COMMENT ON VIEW audit.arrival_alert IS '时效性预警 one row per alert about what did not arrive as agreed';
COMMENT ON COLUMN audit.arrival_alert.platform_code IS '平台标识码 platform';
COMMENT ON COLUMN audit.arrival_alert.kind IS '类别 kind of the alert, as hub.arrival_alert';
COMMENT ON COLUMN audit.arrival_alert.dataset IS '数据集 dataset; empty: the platform as a whole';
COMMENT ON COLUMN audit.arrival_alert.owner IS '责任方 who answers for it';
COMMENT ON COLUMN audit.arrival_alert.message_zh IS '说明 text in Chinese';
COMMENT ON COLUMN audit.arrival_alert.message_en IS '说明（英文） text in English';
COMMENT ON COLUMN audit.arrival_alert.raised_at IS '发生时间 when raised';
COMMENT ON COLUMN audit.arrival_alert.closed_at IS '解除时间 when its cause was gone; none: it stands';
