-- How long what is kept and what guards it (保存期限): of the database as its triggers say now, of the evidence bucket
-- as it is set up (ingest.object_store.GOVERNANCE_DAYS).

CREATE VIEW audit.retention WITH (security_barrier) AS
SELECT e.kept, 'evidence' AS retention_class, 5479 AS days, 'object_lock_governance' AS guard, e.about
FROM (VALUES ('raw/', '原始数据包 packages as received'), ('notices/', '通知文件与答复 files of notices and answers'),
             ('anchors/', '链首 heads of the chain')) AS e (kept, about)
UNION ALL
SELECT 'hub.' || c.relname, CASE WHEN t.guard IS NULL THEN 'working' ELSE 'permanent' END, NULL, coalesce(t.guard, 'none'),
       obj_description(c.oid, 'pg_class')
FROM pg_class c LEFT JOIN LATERAL (
    SELECT CASE WHEN bool_or(g.tgname = 'append_only') THEN 'append_only' ELSE 'no_delete' END AS guard
    FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgenabled <> 'D' AND g.tgname IN ('append_only', 'no_delete')
    HAVING count(*) > 0) t ON true
WHERE c.relnamespace = 'hub'::regnamespace AND c.relkind = 'r'
ORDER BY 2, 1;
COMMENT ON VIEW audit.retention IS '保存期限 one row per kind of object in the evidence bucket and per table: how long it is kept';
COMMENT ON COLUMN audit.retention.kept IS '保存内容 objects below this key of the evidence bucket, or a table';
COMMENT ON COLUMN audit.retention.retention_class IS
    '保存类别 evidence 到期可删, permanent 永久, working 工作数据, made again from the others';
COMMENT ON COLUMN audit.retention.days IS '保存天数 days from when it was written; empty: without end, or as long as it serves';
COMMENT ON COLUMN audit.retention.guard IS
    '防护 object_lock_governance 存证库锁定, append_only 不改不删, no_delete 只改状态不删, none';
COMMENT ON COLUMN audit.retention.about IS '说明 what it is';
GRANT SELECT ON audit.retention TO hub_auditor, hub_supervisor, hub_office, hub_platform, hub_engineer;
