-- Feedback notices, their items, deadlines, transitions, files and deliveries. Schema hub.

CREATE TABLE hub.notice_counter (
    short_code text NOT NULL,
    year integer NOT NULL,
    last integer NOT NULL CHECK (last > 0),
    PRIMARY KEY (short_code, year)
);
COMMENT ON TABLE hub.notice_counter IS '反馈通知编号 last number given, per platform and year; without gaps';
COMMENT ON COLUMN hub.notice_counter.short_code IS '平台短码 platform';
COMMENT ON COLUMN hub.notice_counter.year IS '年度 year';
COMMENT ON COLUMN hub.notice_counter.last IS '末号 last number given';

CREATE TABLE hub.notice (
    notice_no text PRIMARY KEY,
    platform_code text NOT NULL,
    platform_name_zh text NOT NULL,
    batch_id bigint NOT NULL REFERENCES hub.batch,
    load_id bigint REFERENCES hub.load,
    conflict_id bigint REFERENCES hub.delivery_conflict,
    batch_no text NOT NULL,
    contract_version text NOT NULL,
    state text NOT NULL DEFAULT 'issued' CHECK (state IN ('issued', 'delivered', 'answered', 'overdue', 'closed')),
    items integer NOT NULL CHECK (items >= 0),
    received integer NOT NULL,
    accepted integer NOT NULL,
    rejected integer NOT NULL,
    held integer NOT NULL,
    flagged integer NOT NULL,
    refusal jsonb,
    reminders text[] NOT NULL,
    expected_deadline jsonb,
    issued_at timestamptz NOT NULL,
    closed_at timestamptz,
    CONSTRAINT notice_once UNIQUE NULLS NOT DISTINCT (batch_id, load_id, conflict_id),
    CONSTRAINT notice_counts_add_up CHECK (received = accepted + rejected + held),
    CONSTRAINT notice_closed_at CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
-- warehouse.notices.overdue and list_notices by state: the few notices that are not closed
CREATE INDEX notice_open_idx ON hub.notice (platform_code, issued_at) WHERE state <> 'closed';
-- warehouse.notices.list_notices: newest first
CREATE INDEX notice_issued_at_idx ON hub.notice (issued_at DESC);
COMMENT ON TABLE hub.notice IS '反馈通知 one per batch with rejections, or per refused package';
COMMENT ON COLUMN hub.notice.notice_no IS '通知编号 FK-platform-year-serial';
COMMENT ON COLUMN hub.notice.platform_code IS '平台标识码 platform';
COMMENT ON COLUMN hub.notice.platform_name_zh IS '平台名称 name when issued';
COMMENT ON COLUMN hub.notice.batch_id IS '批次 batch';
COMMENT ON COLUMN hub.notice.load_id IS '入库事件 load event with the rejections; empty for a refused package';
COMMENT ON COLUMN hub.notice.conflict_id IS '批次号冲突 refused second package of the same number';
COMMENT ON COLUMN hub.notice.batch_no IS '批次号 number of the batch';
COMMENT ON COLUMN hub.notice.contract_version IS '规范版本 contract release; empty text where it could not be read';
COMMENT ON COLUMN hub.notice.state IS '状态 issued 已签发, delivered 已送达, answered 已答复, overdue 已逾期, closed 已办结';
COMMENT ON COLUMN hub.notice.items IS '条目数 items when issued';
COMMENT ON COLUMN hub.notice.received IS '接收记录数 records received';
COMMENT ON COLUMN hub.notice.accepted IS '通过记录数 records accepted';
COMMENT ON COLUMN hub.notice.rejected IS '退回记录数 records rejected';
COMMENT ON COLUMN hub.notice.held IS '暂存记录数 records held';
COMMENT ON COLUMN hub.notice.flagged IS '存疑或预警记录数 records flagged';
COMMENT ON COLUMN hub.notice.refusal IS '整批退回原因 code, texts and place where the package was refused';
COMMENT ON COLUMN hub.notice.reminders IS '提示 remarks printed on the notice';
COMMENT ON COLUMN hub.notice.expected_deadline IS '预计期限 deadline if received at once, as printed';
COMMENT ON COLUMN hub.notice.issued_at IS '签发时间 when issued';
COMMENT ON COLUMN hub.notice.closed_at IS '办结时间 when closed';

CREATE TABLE hub.notice_item (
    notice_no text NOT NULL REFERENCES hub.notice,
    item_no integer NOT NULL CHECK (item_no > 0),
    dataset text NOT NULL,
    data_key text,
    natural_key text,
    label text NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'corrected', 'withdrawn', 'confirmed_true',
        'objected', 'cannot_correct', 'revoked_by_hub')),
    answer text,
    answered_at timestamptz,
    corrected_batch_no text,
    file text NOT NULL,
    "row" bigint,
    findings jsonb NOT NULL,
    PRIMARY KEY (notice_no, item_no)
);
-- warehouse.closing: items of a DATA_KEY that a correction may close
CREATE INDEX notice_item_key_idx ON hub.notice_item (dataset, data_key) WHERE state IN
    ('open', 'objected', 'cannot_correct', 'confirmed_true');
-- warehouse.closing: items whose DATA_KEY could not be used, by business code
CREATE INDEX notice_item_natural_idx ON hub.notice_item (dataset, natural_key) WHERE state IN
    ('open', 'objected', 'cannot_correct', 'confirmed_true');
-- audit.notice.items_open and the closing of a notice
CREATE INDEX notice_item_open_idx ON hub.notice_item (notice_no) WHERE state IN ('open', 'objected');
COMMENT ON TABLE hub.notice_item IS '通知条目 one rejected record on a notice, or the refused package itself (dataset empty)';
COMMENT ON COLUMN hub.notice_item.notice_no IS '通知编号 notice';
COMMENT ON COLUMN hub.notice_item.item_no IS '条目序号 number on the notice, from 1';
COMMENT ON COLUMN hub.notice_item.dataset IS '数据集 dataset; empty for the package itself';
COMMENT ON COLUMN hub.notice_item.data_key IS '数据主键 DATA_KEY as sent';
COMMENT ON COLUMN hub.notice_item.natural_key IS '业务编码 business code, recognises a correction under a new DATA_KEY';
COMMENT ON COLUMN hub.notice_item.label IS '记录名称 what a person knows the record by';
COMMENT ON COLUMN hub.notice_item.state IS '状态 open 待更正, corrected 已更正, withdrawn 已撤回, confirmed_true 核实无误, objected 有异议, cannot_correct 无法更正, revoked_by_hub 中心撤销';
COMMENT ON COLUMN hub.notice_item.answer IS '答复内容 the centre''s answer';
COMMENT ON COLUMN hub.notice_item.answered_at IS '答复时间 when answered or corrected';
COMMENT ON COLUMN hub.notice_item.corrected_batch_no IS '更正批次号 batch that brought the correction';
COMMENT ON COLUMN hub.notice_item.file IS '数据文件 file inside the package';
COMMENT ON COLUMN hub.notice_item."row" IS '记录序号 number of the record in its file, from 1';
COMMENT ON COLUMN hub.notice_item.findings IS '校验发现 the findings with their texts, as printed';

CREATE TABLE hub.notice_deadline (
    notice_no text NOT NULL REFERENCES hub.notice,
    seq integer NOT NULL CHECK (seq > 0),
    received_at timestamptz NOT NULL,
    due_date date NOT NULL,
    due_at timestamptz NOT NULL,
    counted_days date[] NOT NULL,
    provisional boolean NOT NULL,
    calendar_version text NOT NULL,
    policy text NOT NULL,
    evidence text NOT NULL,
    reason text NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (notice_no, seq)
);
COMMENT ON TABLE hub.notice_deadline IS '核查期限 deadlines of a notice; a change is a new row with its reason, the last one holds';
COMMENT ON COLUMN hub.notice_deadline.notice_no IS '通知编号 notice';
COMMENT ON COLUMN hub.notice_deadline.seq IS '序号 number, from 1';
COMMENT ON COLUMN hub.notice_deadline.received_at IS '送达时间 when the notice was received';
COMMENT ON COLUMN hub.notice_deadline.due_date IS '截止日 last day';
COMMENT ON COLUMN hub.notice_deadline.due_at IS '截止时刻 24:00 of the last day, exclusive';
COMMENT ON COLUMN hub.notice_deadline.counted_days IS '计入的工作日 the working days that were counted';
COMMENT ON COLUMN hub.notice_deadline.provisional IS '暂定 no official calendar for a year it touches';
COMMENT ON COLUMN hub.notice_deadline.calendar_version IS '日历版本 version of the calendar';
COMMENT ON COLUMN hub.notice_deadline.policy IS '计算规则 rule of counting';
COMMENT ON COLUMN hub.notice_deadline.evidence IS '送达证据 how and where receipt is known';
COMMENT ON COLUMN hub.notice_deadline.reason IS '原因 why this row was written';
COMMENT ON COLUMN hub.notice_deadline.recorded_at IS '登记时间 when this row was written';

CREATE TABLE hub.notice_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notice_no text NOT NULL REFERENCES hub.notice,
    item_no integer,
    from_state text,
    to_state text NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    FOREIGN KEY (notice_no, item_no) REFERENCES hub.notice_item
);
-- warehouse.notices.events: the history of one notice
CREATE INDEX notice_event_notice_idx ON hub.notice_event (notice_no, id);
COMMENT ON TABLE hub.notice_event IS '状态变更 every transition of a notice or item; append-only';
COMMENT ON COLUMN hub.notice_event.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.notice_event.notice_no IS '通知编号 notice';
COMMENT ON COLUMN hub.notice_event.item_no IS '条目序号 item; empty for the notice itself';
COMMENT ON COLUMN hub.notice_event.from_state IS '原状态 state before; empty when issued';
COMMENT ON COLUMN hub.notice_event.to_state IS '新状态 state after';
COMMENT ON COLUMN hub.notice_event.actor IS '操作者 who';
COMMENT ON COLUMN hub.notice_event.reason IS '原因 why';
COMMENT ON COLUMN hub.notice_event.at IS '时间 when';

CREATE TABLE hub.notice_file (
    notice_no text NOT NULL REFERENCES hub.notice,
    name text NOT NULL,
    media_type text NOT NULL,
    uri text NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (notice_no, name)
);
COMMENT ON TABLE hub.notice_file IS '通知文件 rendered files of a notice, as sent';
COMMENT ON COLUMN hub.notice_file.notice_no IS '通知编号 notice';
COMMENT ON COLUMN hub.notice_file.name IS '文件名 file name';
COMMENT ON COLUMN hub.notice_file.media_type IS '媒体类型 media type';
COMMENT ON COLUMN hub.notice_file.uri IS '地址 where its bytes are kept';
COMMENT ON COLUMN hub.notice_file.sha256 IS '散列 SHA-256 of its bytes';
COMMENT ON COLUMN hub.notice_file.size_bytes IS '字节数 size in bytes';
COMMENT ON COLUMN hub.notice_file.created_at IS '生成时间 when it was rendered';

CREATE TABLE hub.notice_delivery (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notice_no text NOT NULL REFERENCES hub.notice,
    outcome text NOT NULL CHECK (outcome IN ('delivered', 'failed')),
    channel text NOT NULL,
    evidence text NOT NULL,
    at timestamptz NOT NULL
);
-- warehouse.notices.deliveries: the attempts of one notice
CREATE INDEX notice_delivery_notice_idx ON hub.notice_delivery (notice_no, id);
COMMENT ON TABLE hub.notice_delivery IS '送达尝试 attempts to deliver a notice; a failed one is no receipt; append-only';
COMMENT ON COLUMN hub.notice_delivery.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.notice_delivery.notice_no IS '通知编号 notice';
COMMENT ON COLUMN hub.notice_delivery.outcome IS '结果 delivered 成功, failed 失败';
COMMENT ON COLUMN hub.notice_delivery.channel IS '送达方式 channel';
COMMENT ON COLUMN hub.notice_delivery.evidence IS '证据或原因 address and proof, or why it failed';
COMMENT ON COLUMN hub.notice_delivery.at IS '时间 when';
