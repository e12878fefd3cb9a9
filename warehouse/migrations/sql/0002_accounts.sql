-- Accounts of persons, their sessions, API keys of platforms, and who did what. Schema hub.

CREATE TABLE hub.account (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login text NOT NULL UNIQUE CHECK (login ~ '^[a-z0-9][a-z0-9._-]{1,39}$'),
    person text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('platform', 'office', 'hub')),
    is_admin boolean NOT NULL DEFAULT false,
    platform_code text,
    region text CHECK (region ~ '^[0-9]{6}$'),
    trades text[] NOT NULL DEFAULT '{}',
    password_hash text NOT NULL,
    password_set_at timestamptz NOT NULL,
    must_change boolean NOT NULL DEFAULT true,
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    locked_until timestamptz,
    totp_secret bytea,
    totp_since timestamptz,
    totp_step bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    signed_in_at timestamptz,
    disabled_at timestamptz,
    CONSTRAINT account_scope CHECK ((kind = 'platform') = (platform_code IS NOT NULL)
        AND (kind = 'office') = (region IS NOT NULL))
);
-- warehouse.accounts.list_accounts: accounts of one unit
CREATE INDEX account_platform_idx ON hub.account (platform_code) WHERE platform_code IS NOT NULL;
COMMENT ON TABLE hub.account IS '账号 one account is one person; graded by region and trade (Art. 12)';
COMMENT ON COLUMN hub.account.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.account.login IS '登录名 login';
COMMENT ON COLUMN hub.account.person IS '使用人 the person who alone uses it';
COMMENT ON COLUMN hub.account.kind IS '单位类别 platform 交易平台, office 监管部门, hub 枢纽';
COMMENT ON COLUMN hub.account.is_admin IS '单位管理员 administrator of the unit''s accounts';
COMMENT ON COLUMN hub.account.platform_code IS '平台标识码 platform of a platform''s account';
COMMENT ON COLUMN hub.account.region IS '行政区划 region of an office''s account; it reaches the regions below';
COMMENT ON COLUMN hub.account.trades IS '交易类别 trades an office''s account reaches; empty: all';
COMMENT ON COLUMN hub.account.password_hash IS '口令散列 argon2id';
COMMENT ON COLUMN hub.account.password_set_at IS '口令设置时间 for its age';
COMMENT ON COLUMN hub.account.must_change IS '须修改口令 set by an administrator; the person chooses another first';
COMMENT ON COLUMN hub.account.failures IS '连续失败次数 failed sign-ins in a row';
COMMENT ON COLUMN hub.account.locked_until IS '锁定至 locked until';
COMMENT ON COLUMN hub.account.totp_secret IS '动态口令密钥 secret of the second factor, encrypted';
COMMENT ON COLUMN hub.account.totp_since IS '动态口令启用时间 when the second factor was confirmed; empty: not in use';
COMMENT ON COLUMN hub.account.totp_step IS '已用时间步 newest time step used, so that no code works twice';
COMMENT ON COLUMN hub.account.created_at IS '开通时间 when made';
COMMENT ON COLUMN hub.account.created_by IS '开通人 who made it';
COMMENT ON COLUMN hub.account.signed_in_at IS '最近登录 last sign-in';
COMMENT ON COLUMN hub.account.disabled_at IS '停用时间 when disabled; an account is never deleted';

CREATE TABLE hub.account_password (
    account_id bigint NOT NULL REFERENCES hub.account,
    set_at timestamptz NOT NULL,
    password_hash text NOT NULL,
    PRIMARY KEY (account_id, set_at)
);
COMMENT ON TABLE hub.account_password IS '历史口令 hashes of earlier passwords, which may not be used again; append-only';
COMMENT ON COLUMN hub.account_password.account_id IS '账号 account';
COMMENT ON COLUMN hub.account_password.set_at IS '设置时间 when set';
COMMENT ON COLUMN hub.account_password.password_hash IS '口令散列 argon2id';

CREATE TABLE hub.account_session (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    account_id bigint NOT NULL REFERENCES hub.account,
    csrf text NOT NULL,
    passed boolean NOT NULL,
    began_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    ended_at timestamptz
);
-- ending all sessions of an account
CREATE INDEX account_session_account_idx ON hub.account_session (account_id) WHERE ended_at IS NULL;
COMMENT ON TABLE hub.account_session IS '会话 sessions of the portal';
COMMENT ON COLUMN hub.account_session.token_hash IS '令牌散列 SHA-256 of the cookie';
COMMENT ON COLUMN hub.account_session.account_id IS '账号 account';
COMMENT ON COLUMN hub.account_session.csrf IS '表单令牌 token that forms must carry';
COMMENT ON COLUMN hub.account_session.passed IS '已通过动态口令 whether nothing more is needed; false: the second factor is due';
COMMENT ON COLUMN hub.account_session.began_at IS '开始时间 when it began';
COMMENT ON COLUMN hub.account_session.seen_at IS '最近活动 last request';
COMMENT ON COLUMN hub.account_session.ends_at IS '最迟结束 when it ends whatever happens';
COMMENT ON COLUMN hub.account_session.ended_at IS '结束时间 when it was ended';

CREATE TABLE hub.api_key (
    key_id text PRIMARY KEY,
    platform_code text NOT NULL,
    label text NOT NULL,
    secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    revoked_by text,
    used_at timestamptz,
    CONSTRAINT api_key_revocation CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
-- warehouse.keys.list_keys: keys of one platform
CREATE INDEX api_key_platform_idx ON hub.api_key (platform_code, created_at);
COMMENT ON TABLE hub.api_key IS '接口密钥 API keys of platforms; the secret was shown once';
COMMENT ON COLUMN hub.api_key.key_id IS '密钥编号 public part';
COMMENT ON COLUMN hub.api_key.platform_code IS '平台标识码 platform it reaches';
COMMENT ON COLUMN hub.api_key.label IS '用途 what it is for';
COMMENT ON COLUMN hub.api_key.secret_hash IS '密钥散列 SHA-256 of the secret, 256 random bits';
COMMENT ON COLUMN hub.api_key.created_at IS '签发时间 when made';
COMMENT ON COLUMN hub.api_key.created_by IS '签发人 who made it';
COMMENT ON COLUMN hub.api_key.expires_at IS '失效时间 when it ends; empty: never';
COMMENT ON COLUMN hub.api_key.revoked_at IS '撤销时间 when revoked';
COMMENT ON COLUMN hub.api_key.revoked_by IS '撤销人 who revoked it';
COMMENT ON COLUMN hub.api_key.used_at IS '最近使用 last used, to the hour';

CREATE TABLE hub.action (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('done', 'refused')),
    reason text NOT NULL,
    address text NOT NULL
);
-- audit.action of one actor, newest first
CREATE INDEX action_actor_idx ON hub.action (actor, id DESC);
COMMENT ON TABLE hub.action IS '操作记录 who did what when in the portal and over the API; append-only';
COMMENT ON COLUMN hub.action.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.action.at IS '时间 when';
COMMENT ON COLUMN hub.action.actor IS '操作者 login, key:<key id>, cli, or ? where unknown';
COMMENT ON COLUMN hub.action.action IS '操作 what';
COMMENT ON COLUMN hub.action.object IS '对象 to what';
COMMENT ON COLUMN hub.action.outcome IS '结果 done 完成, refused 拒绝';
COMMENT ON COLUMN hub.action.reason IS '原因 why refused, or a remark; never a secret or personal value';
COMMENT ON COLUMN hub.action.address IS '来源地址 network address';

CREATE TABLE hub.batch_work (
    batch_id bigint PRIMARY KEY REFERENCES hub.batch,
    attempts integer NOT NULL CHECK (attempts > 0),
    began_at timestamptz NOT NULL,
    failed_at timestamptz,
    failure text,
    next_at timestamptz,
    CONSTRAINT batch_work_failure CHECK ((failed_at IS NULL) = (failure IS NULL)
        AND (failed_at IS NULL) = (next_at IS NULL))
);
COMMENT ON TABLE hub.batch_work IS '处理进度 batches handed in over HTTP on their way, and when to try again after our own error';
COMMENT ON COLUMN hub.batch_work.batch_id IS '批次 batch';
COMMENT ON COLUMN hub.batch_work.attempts IS '尝试次数 attempts';
COMMENT ON COLUMN hub.batch_work.began_at IS '开始时间 when the last attempt began';
COMMENT ON COLUMN hub.batch_work.failed_at IS '失败时间 when it failed by our own fault';
COMMENT ON COLUMN hub.batch_work.failure IS '失败代码 code of our error';
COMMENT ON COLUMN hub.batch_work.next_at IS '重试时间 when to try again';
-- warehouse.worklist.waiting: batches over HTTP that are not settled
CREATE INDEX batch_waiting_idx ON hub.batch (id) WHERE state = 'received';

CREATE VIEW audit.action AS
SELECT at, actor, action, object, outcome, reason, address FROM hub.action;
COMMENT ON VIEW audit.action IS '操作记录 one row per action in the portal or over the API';
GRANT SELECT ON audit.action TO hub_auditor;

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['account_password', 'action']
    LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.%I
            FOR EACH STATEMENT EXECUTE FUNCTION hub.deny_change()', guarded);
    END LOOP;
    FOREACH guarded IN ARRAY ARRAY['account', 'account_session', 'api_key', 'batch_work']
    LOOP
        EXECUTE format('CREATE TRIGGER no_delete BEFORE DELETE OR TRUNCATE ON hub.%I
            FOR EACH STATEMENT EXECUTE FUNCTION hub.deny_change()', guarded);
    END LOOP;
END $$;
