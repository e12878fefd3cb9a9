-- What audit views still showed of personal values (个人信息脱敏): a parent named by an identity number, the digest of a
-- business code with personal parts, numbers that a login typed into a question or a reason.

CREATE FUNCTION hub.mask_text(said text) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT regexp_replace(regexp_replace(said,
        '(?<![0-9A-Za-z])([1-9][0-9]{2})[0-9]{13}([0-9][0-9Xx])(?![0-9A-Za-z])', '\1*************\2', 'g'),
        '(?<![0-9A-Za-z])(1[3-9][0-9])[0-9]{6}([0-9]{2})(?![0-9A-Za-z])', '\1******\2', 'g')
$$;
COMMENT ON FUNCTION hub.mask_text(text) IS '文字脱敏 masks identity and mobile numbers that stand alone in a text';

CREATE FUNCTION hub.mask_waits(waits jsonb) RETURNS jsonb STABLE SECURITY DEFINER SET search_path = pg_catalog
LANGUAGE sql AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_array(w.parent -> 0, w.parent -> 1,
        CASE WHEN f.open THEN hub.mask_text(w.parent ->> 2) ELSE hub.mask(w.parent ->> 2) END) ORDER BY w.n), '[]')
    FROM jsonb_array_elements(waits) WITH ORDINALITY AS w (parent, n) LEFT JOIN LATERAL (
        SELECT bool_and(c.personal IS NULL OR c.personal = 'name') AS open FROM hub.contract_field c
        WHERE c.dataset = w.parent ->> 0 AND c.field = w.parent ->> 1) f ON true
$$;
COMMENT ON FUNCTION hub.mask_waits(jsonb) IS
    '上级记录脱敏 masks the value of each [dataset, field, value] whose field is personal or unknown';

REVOKE EXECUTE ON FUNCTION hub.mask_text(text), hub.mask_waits(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hub.mask_text(text), hub.mask_waits(jsonb)
    TO hub_auditor, hub_supervisor, hub_office, hub_platform, hub_engineer;

CREATE OR REPLACE VIEW audit.held WITH (security_barrier) AS
SELECT b.platform_code, b.batch_no, h.dataset, h.data_key, h.state,
       CASE WHEN (SELECT hub.sees_personal()) THEN h.waits_for ELSE hub.mask_waits(h.waits_for) END AS waits_for,
       h.since, h.settled_at, l.kind AS settled_by, h.file AS source_file, h."row" AS source_row, h.contract_version,
       CASE WHEN (SELECT hub.sees_personal()) THEN h.raw ELSE hub.mask_sent(h.dataset, h.raw) END AS sent,
       h.attachments
FROM hub.held h JOIN hub.batch b ON b.id = h.batch_id LEFT JOIN hub.load l ON l.id = h.settled_by
LEFT JOIN hub.dataset d ON d.dataset = h.dataset
WHERE (SELECT hub.sees_all())
   OR b.platform_code || '|' || coalesce(d.trade, '') = ANY ((SELECT hub.my_pairs())::text[]);

-- A digest of an identity number is the number to whoever tries all numbers: only the owner compares by it.
CREATE OR REPLACE VIEW audit.notice_item WITH (security_barrier) AS
SELECT i.notice_no, i.dataset, i.data_key, i.state, i.answer, i.answered_at, i.corrected_batch_no,
       i.item_no,
       CASE WHEN (SELECT hub.is_owner()) THEN i.natural_key ELSE split_part(i.natural_key, '|#', 1) END AS natural_key,
       i.label, i.file AS source_file, i."row" AS source_row, i.findings, n.platform_code,
       i.answer_reason, i.answered_by, i.child_no, i.child_item_no
FROM hub.notice_item i JOIN hub.notice n ON n.notice_no = i.notice_no LEFT JOIN hub.dataset d ON d.dataset = i.dataset
WHERE (SELECT hub.sees_all())
   OR n.platform_code || '|' || coalesce(d.trade, '') = ANY ((SELECT hub.my_pairs())::text[]);

CREATE OR REPLACE VIEW audit.action WITH (security_barrier) AS
SELECT at, actor, action, object, outcome,
       CASE WHEN (SELECT hub.sees_personal()) THEN reason ELSE hub.mask_text(reason) END AS reason, address
FROM hub.action WHERE (SELECT hub.sees_all());

CREATE OR REPLACE VIEW audit.query_log WITH (security_barrier) AS
SELECT at, login, session, client, application,
       CASE WHEN (SELECT hub.sees_personal()) THEN statement ELSE hub.mask_text(statement) END AS statement
FROM hub.query_log WHERE (SELECT hub.sees_all()) OR login = session_user;
