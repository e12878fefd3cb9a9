-- The platforms' channels: failures in a row, rests, what waits at the source. Working state of the hub, no evidence.

CREATE TABLE hub.channel (
    platform_code text PRIMARY KEY,
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    failed_at timestamptz,
    error_zh text NOT NULL DEFAULT '',
    error_en text NOT NULL DEFAULT '',
    rests_until timestamptz,
    worked_at timestamptz,
    looked_at timestamptz,
    waiting_packages bigint NOT NULL DEFAULT 0 CHECK (waiting_packages >= 0),
    waiting_bytes bigint NOT NULL DEFAULT 0 CHECK (waiting_bytes >= 0),
    seen jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE hub.channel IS '传输通道 how each platform''s channel is doing: working state, one row a platform';
COMMENT ON COLUMN hub.channel.platform_code IS '平台标识码 platform';
COMMENT ON COLUMN hub.channel.failures IS '连续失败次数 failures in a row; from three on it is open (断路)';
COMMENT ON COLUMN hub.channel.failed_at IS '最近失败 when it last failed, while that stands';
COMMENT ON COLUMN hub.channel.error_zh IS '失败原因 why, in Chinese';
COMMENT ON COLUMN hub.channel.error_en IS '失败原因（英文） why, in English';
COMMENT ON COLUMN hub.channel.rests_until IS '暂停至 not tried before; none: it is not open';
COMMENT ON COLUMN hub.channel.worked_at IS '最近成功 when it last worked';
COMMENT ON COLUMN hub.channel.looked_at IS '最近查看 when it was last listed';
COMMENT ON COLUMN hub.channel.waiting_packages IS '待取数据包数 packages that the last look left at the source, over the quota';
COMMENT ON COLUMN hub.channel.waiting_bytes IS '待取字节数 their bytes';
COMMENT ON COLUMN hub.channel.seen IS '上次所见 files that the last look saw and that must look the same at the next one: stamp by name';
