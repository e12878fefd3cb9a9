-- Who may see what (权限): group roles, scopes by region and trade, personal data by logged grant. Schema hub.
-- Logins are members of one group role. Everything is decided by session_user, which SET ROLE does not change.

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['hub_auditor', 'hub_supervisor', 'hub_office', 'hub_platform', 'hub_engineer'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- another database of the same server made it at the same moment
        END;
    END LOOP;
END $$;

CREATE TABLE hub.scope_grant (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login text NOT NULL,
    region text NOT NULL CHECK (region ~ '^([0-9]{6}|\*)$'),
    trade text NOT NULL CHECK (trade <> ''),
    platform_code text,
    reason text NOT NULL CHECK (btrim(reason) <> ''),
    granted_by text NOT NULL DEFAULT session_user,
    granted_at timestamptz NOT NULL,
    valid_until timestamptz,
    revoked_at timestamptz,
    revoked_by text,
    revoke_reason text,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
-- hub.my_platforms: what one login may see
CREATE INDEX scope_grant_login_idx ON hub.scope_grant (login);
COMMENT ON TABLE hub.scope_grant IS '数据范围授权 what a login may see, by region, trade or platform; a login without one sees nothing';
COMMENT ON COLUMN hub.scope_grant.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.scope_grant.login IS '登录账号 database login';
COMMENT ON COLUMN hub.scope_grant.region IS '行政区划 GB/T 2260 region with all below it; * all regions';
COMMENT ON COLUMN hub.scope_grant.trade IS '交易类别 trade; * all trades';
COMMENT ON COLUMN hub.scope_grant.platform_code IS '平台标识码 only this platform';
COMMENT ON COLUMN hub.scope_grant.reason IS '授权理由 why it was granted';
COMMENT ON COLUMN hub.scope_grant.granted_by IS '授权人 who granted it';
COMMENT ON COLUMN hub.scope_grant.granted_at IS '授权时间 when';
COMMENT ON COLUMN hub.scope_grant.valid_until IS '有效期至 until when; empty: until revoked';
COMMENT ON COLUMN hub.scope_grant.revoked_at IS '撤销时间 when it was revoked';
COMMENT ON COLUMN hub.scope_grant.revoked_by IS '撤销人 who revoked it';
COMMENT ON COLUMN hub.scope_grant.revoke_reason IS '撤销理由 why it was revoked';

CREATE TABLE hub.personal_grant (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login text NOT NULL,
    reason text NOT NULL CHECK (btrim(reason) <> ''),
    granted_by text NOT NULL DEFAULT session_user,
    granted_at timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_by text,
    revoke_reason text,
    CHECK (valid_until > granted_at),
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
-- hub.sees_personal: whether one login may see personal values now
CREATE INDEX personal_grant_login_idx ON hub.personal_grant (login);
COMMENT ON TABLE hub.personal_grant IS '个人信息授权 who may see personal values unmasked, why and until when';
COMMENT ON COLUMN hub.personal_grant.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.personal_grant.login IS '登录账号 database login';
COMMENT ON COLUMN hub.personal_grant.reason IS '授权理由 why it was granted';
COMMENT ON COLUMN hub.personal_grant.granted_by IS '授权人 who granted it';
COMMENT ON COLUMN hub.personal_grant.granted_at IS '授权时间 when';
COMMENT ON COLUMN hub.personal_grant.valid_until IS '有效期至 until when';
COMMENT ON COLUMN hub.personal_grant.revoked_at IS '撤销时间 when it was revoked';
COMMENT ON COLUMN hub.personal_grant.revoked_by IS '撤销人 who revoked it';
COMMENT ON COLUMN hub.personal_grant.revoke_reason IS '撤销理由 why it was revoked';

CREATE TABLE hub.query_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    login text NOT NULL,
    session text NOT NULL,
    line bigint NOT NULL,
    client text NOT NULL,
    application text NOT NULL,
    statement text NOT NULL,
    UNIQUE (session, line)
);
-- audit.query_log: what one login looked at, in order
CREATE INDEX query_log_login_idx ON hub.query_log (login, at);
COMMENT ON TABLE hub.query_log IS '查询日志 statements of the logins, taken over from the server log (hub audit looked); append-only';
COMMENT ON COLUMN hub.query_log.id IS '内部编号 internal number';
COMMENT ON COLUMN hub.query_log.at IS '时间 when';
COMMENT ON COLUMN hub.query_log.login IS '登录账号 who';
COMMENT ON COLUMN hub.query_log.session IS '会话 session of the server';
COMMENT ON COLUMN hub.query_log.line IS '行号 line within the session';
COMMENT ON COLUMN hub.query_log.client IS '客户端地址 where from';
COMMENT ON COLUMN hub.query_log.application IS '应用程序 program';
COMMENT ON COLUMN hub.query_log.statement IS '语句 statement';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.query_log
    FOR EACH STATEMENT EXECUTE FUNCTION hub.deny_change();
CREATE TRIGGER no_delete BEFORE DELETE OR TRUNCATE ON hub.scope_grant
    FOR EACH STATEMENT EXECUTE FUNCTION hub.deny_change();
CREATE TRIGGER no_delete BEFORE DELETE OR TRUNCATE ON hub.personal_grant
    FOR EACH STATEMENT EXECUTE FUNCTION hub.deny_change();

CREATE FUNCTION hub.is_owner() RETURNS boolean STABLE SECURITY DEFINER SET search_path = pg_catalog LANGUAGE sql AS $$
    SELECT pg_has_role(session_user, nspowner, 'MEMBER') FROM pg_namespace WHERE nspname = 'hub'
$$;
COMMENT ON FUNCTION hub.is_owner() IS '是否库主 whether the login owns the warehouse';

CREATE FUNCTION hub.sees_all() RETURNS boolean STABLE SECURITY DEFINER SET search_path = pg_catalog LANGUAGE sql AS $$
    SELECT hub.is_owner() OR EXISTS (
        SELECT FROM hub.scope_grant g
        WHERE g.login = session_user AND g.region = '*' AND g.trade = '*' AND g.platform_code IS NULL
          AND g.revoked_at IS NULL AND (g.valid_until IS NULL OR g.valid_until > now()))
$$;
COMMENT ON FUNCTION hub.sees_all() IS '是否可见全部 whether the login may see everything, unregistered senders included';

-- All pairs of platform and trade that the login may see, "platform|trade"; "platform|" stands for what is common.
CREATE FUNCTION hub.my_pairs() RETURNS text[] STABLE SECURITY DEFINER SET search_path = pg_catalog LANGUAGE sql AS $$
    SELECT coalesce(array_agg(DISTINCT p.code || '|' || t.trade), '{}')
    FROM hub.scope_grant g
    JOIN hub.platform p ON (g.region = '*' OR starts_with(p.region, regexp_replace(g.region, '(00)+$', '')))
         AND (g.platform_code IS NULL OR g.platform_code = p.code)
    JOIN (SELECT DISTINCT trade FROM hub.dataset UNION SELECT '') t ON t.trade = '' OR g.trade IN ('*', t.trade)
    WHERE g.login = session_user AND g.revoked_at IS NULL AND (g.valid_until IS NULL OR g.valid_until > now())
$$;
COMMENT ON FUNCTION hub.my_pairs() IS '可见的平台与类别 pairs of platform and trade that the login may see';

CREATE FUNCTION hub.my_platforms(wanted text) RETURNS text[] STABLE SECURITY DEFINER SET search_path = pg_catalog
LANGUAGE sql AS $$
    SELECT coalesce(array_agg(split_part(pair, '|', 1)), '{}')
    FROM unnest(hub.my_pairs()) pair WHERE split_part(pair, '|', 2) = wanted
$$;
COMMENT ON FUNCTION hub.my_platforms(text) IS '可见的平台 platforms whose records of a trade the login may see; empty: those of any trade';

CREATE FUNCTION hub.sees_personal() RETURNS boolean STABLE SECURITY DEFINER SET search_path = pg_catalog
LANGUAGE sql AS $$
    SELECT hub.is_owner() OR EXISTS (
        SELECT FROM hub.personal_grant g
        WHERE g.login = session_user AND g.revoked_at IS NULL AND g.valid_until > now())
$$;
COMMENT ON FUNCTION hub.sees_personal() IS '是否可见个人信息 whether the login may see personal values unmasked now';

CREATE FUNCTION hub.mask(value text) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE WHEN length(value) <= 5 THEN left(value, 1) || repeat('*', greatest(length(value) - 1, 1))
                ELSE left(value, 3) || repeat('*', length(value) - 5) || right(value, 2) END
$$;
COMMENT ON FUNCTION hub.mask(text) IS '脱敏 masks a personal value as exchange_hub.core.masking does';

-- A record as it was sent, with personal and unknown fields masked.
CREATE FUNCTION hub.mask_sent(of_dataset text, sent jsonb) RETURNS jsonb STABLE SECURITY DEFINER
SET search_path = pg_catalog LANGUAGE sql AS $$
    SELECT coalesce(jsonb_object_agg(e.key, CASE WHEN e.key IN ('DATA_KEY', 'DATA_TYPE') OR f.open
                                                 THEN e.value ELSE to_jsonb(hub.mask(e.value #>> '{}')) END), '{}')
    FROM jsonb_each(sent) e LEFT JOIN (
        SELECT field, bool_and(personal IS NULL OR personal = 'name') AS open
        FROM hub.contract_field WHERE dataset = of_dataset GROUP BY field) f ON f.field = e.key
$$;
COMMENT ON FUNCTION hub.mask_sent(text, jsonb) IS '报送内容脱敏 masks the personal fields of a record as sent';

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA hub FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hub.is_owner(), hub.sees_all(), hub.my_pairs(), hub.my_platforms(text), hub.sees_personal(),
    hub.mask(text), hub.mask_sent(text, jsonb)
    TO hub_auditor, hub_supervisor, hub_office, hub_platform, hub_engineer;
GRANT USAGE ON SCHEMA audit TO hub_auditor, hub_supervisor, hub_office, hub_platform, hub_engineer;
GRANT USAGE ON SCHEMA exchange TO hub_auditor, hub_supervisor, hub_office, hub_platform;
