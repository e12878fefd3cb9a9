-- What is known of the media behind the references. Schema hub.

CREATE TABLE hub.recording_check (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    data_key text NOT NULL,
    version_no integer NOT NULL,
    state text NOT NULL CHECK (state IN ('verified', 'consistent', 'differs', 'unreachable', 'not_allowed')),
    problems text[] NOT NULL,
    bytes_read bigint NOT NULL,
    checked_at timestamptz NOT NULL
);
-- audit.recording.check_state: the newest check of a version
CREATE INDEX recording_check_version_idx ON hub.recording_check (data_key, version_no, id);
COMMENT ON TABLE hub.recording_check IS '音视频核查 checks of the media behind the references; append-only';
COMMENT ON COLUMN hub.recording_check.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.recording_check.data_key IS '数据主键 DATA_KEY of the recording';
COMMENT ON COLUMN hub.recording_check.version_no IS '版本号 version that was checked';
COMMENT ON COLUMN hub.recording_check.state IS
    '结果 verified 散列一致, consistent 文件头一致, differs 不符, unreachable 无法读取, not_allowed 不允许访问';
COMMENT ON COLUMN hub.recording_check.problems IS '问题 what differs';
COMMENT ON COLUMN hub.recording_check.bytes_read IS '读取字节数 bytes read for the header';
COMMENT ON COLUMN hub.recording_check.checked_at IS '核查时间 when checked';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.recording_check
    FOR EACH STATEMENT EXECUTE FUNCTION hub.deny_change();
