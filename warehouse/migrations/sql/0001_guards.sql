-- Append-only tables: no UPDATE, DELETE or TRUNCATE, whoever asks.
DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['delivery_conflict', 'load', 'load_proof', 'load_leaf', 'finding', 'quarantine',
        'notice_deadline', 'notice_event', 'notice_file', 'notice_delivery']
    LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.%I
            FOR EACH STATEMENT EXECUTE FUNCTION hub.deny_change()', guarded);
    END LOOP;
    -- these change state, but no row of them ever goes
    FOREACH guarded IN ARRAY ARRAY['batch', 'held', 'notice', 'notice_item']
    LOOP
        EXECUTE format('CREATE TRIGGER no_delete BEFORE DELETE OR TRUNCATE ON hub.%I
            FOR EACH STATEMENT EXECUTE FUNCTION hub.deny_change()', guarded);
    END LOOP;
END $$;

-- The auditors' role: reads the schemas audit and exchange, nothing else. Logins are granted membership.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_auditor') THEN
        CREATE ROLE hub_auditor NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;  -- another database of the same server made it at the same moment
END $$;
GRANT USAGE ON SCHEMA audit, exchange TO hub_auditor;
