-- Notices about gaps of recordings, and what of them is still open. Schema hub.

ALTER TABLE hub.notice
    ADD COLUMN reviewed_at timestamptz,
    DROP CONSTRAINT notice_once,
    ADD CONSTRAINT notice_once UNIQUE NULLS NOT DISTINCT (batch_id, load_id, conflict_id, decision_id, reviewed_at);
COMMENT ON COLUMN hub.notice.reviewed_at IS
    '音视频核对时间 the review of recordings that this notice tells of; empty: the notice is about rejections';

-- warehouse.recording_gaps.told: gaps that a platform was told of
CREATE INDEX notice_reviewed_idx ON hub.notice (platform_code) WHERE reviewed_at IS NOT NULL;
