"""Bringing a database up to date: from empty, again, and what the auditors may rely on afterwards."""

from collections.abc import Callable

import alembic.command
import pytest
import sqlalchemy
from alembic.config import Config
from alembic.script import ScriptDirectory

from contracts.loader import releases
from contracts.model import ReleaseStatus
from warehouse.connection import connect
from warehouse.migrate import MIGRATIONS, upgrade

pytestmark = pytest.mark.stack

RELIED_ON = {
    "batch": "platform_code batch_no received_at contract_version sha256 verdict received accepted rejected held"
    " flagged raw_uri",
    "record": "dataset data_key version_no operation recorded_at superseded_at is_current is_deleted platform_code"
    " batch_no source_file source_row contract_version record_hash payload",
    "finding": "platform_code batch_no dataset data_key source_file source_row field rule_id rule_version severity"
    " dimension message_zh",
    "notice": "notice_no platform_code batch_no issued_at received_at due_date due_at provisional state items"
    " items_open closed_at",
    "notice_item": "notice_no dataset data_key state answer answered_at corrected_batch_no",
    "project_timeline": "tender_project_code bid_section_code stage dataset data_key occurred_at recorded_at"
    " platform_code",
    "recording": "recording_code tender_project_code bid_section_code stage uri sha256 started_at ended_at check_state",
}


@pytest.mark.parametrize("view", RELIED_ON)
def test_audit_view_has_the_columns_of_the_interface(postgres_url: str, view: str) -> None:
    with connect(postgres_url) as conn:
        described = conn.execute(f"SELECT * FROM audit.{view}").description

    assert described is not None
    assert set(RELIED_ON[view].split()) <= {column.name for column in described}


def test_each_dataset_has_its_view_with_the_fields_in_lower_case(postgres_url: str) -> None:
    release = [known for known in releases() if known.status is not ReleaseStatus.DRAFT][-1]
    with connect(postgres_url) as conn:
        for contract in release.datasets.values():
            described = conn.execute(f"SELECT * FROM exchange.{contract.dataset.lower()}").description

            assert described is not None
            assert {name.lower() for name in contract.field_names} <= {column.name for column in described}


def test_a_second_upgrade_changes_nothing(new_database: Callable[..., str]) -> None:
    url = new_database()
    upgrade(url, releases())
    catalog = "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns ORDER BY 1, 2, 3"
    with connect(url) as conn:
        before = conn.execute(catalog).fetchall()

    upgrade(url, releases())

    with connect(url) as conn:
        assert conn.execute(catalog).fetchall() == before


def test_every_table_view_and_column_has_a_chinese_comment(postgres_url: str) -> None:
    said = """
        SELECT n.nspname || '.' || c.relname || coalesce('.' || a.attname, '') AS place,
               coalesce(col_description(c.oid, a.attnum), '') AS comment
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE n.nspname IN ('hub', 'audit', 'exchange') AND c.relkind IN ('r', 'v') AND c.relname <> 'alembic_version'
        UNION ALL
        SELECT n.nspname || '.' || c.relname, coalesce(obj_description(c.oid, 'pg_class'), '')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('hub', 'audit', 'exchange') AND c.relkind IN ('r', 'v') AND c.relname <> 'alembic_version'
    """
    with connect(postgres_url) as conn:
        rows = conn.execute(said.encode()).fetchall()

    assert len(rows) > 500
    assert [place for place, comment in rows if not any("\u4e00" <= sign <= "\u9fff" for sign in comment)] == []


def test_a_database_of_the_previous_release_comes_along_with_its_records(new_database: Callable[..., str]) -> None:
    """Release 0.1.0 ended with migration 0001: tables had a foreign key and another index, views no scope."""
    url = new_database()
    to_revision(url, "0001")
    with connect(url) as conn:
        conn.execute(PREVIOUS)
        conn.commit()

    upgrade(url, releases())

    with connect(url) as conn:
        row = conn.execute("SELECT payload ->> 'PROJECT_NAME', batch_no FROM audit.record").fetchone()
        keys = conn.execute(
            "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = 'hub.wh_project'::regclass"
        )
        assert keys.fetchone() == (0,)
        assert row == ("旧记录", "old")
        assert conn.execute("SELECT to_regclass('hub.wh_project_load_idx')").fetchone() == (None,)
        assert conn.execute("SELECT version_num FROM hub.alembic_version").fetchone() == (newest_revision(),)


def to_revision(url: str, revision: str) -> None:
    """Run the migrations up to one revision, as an earlier release did."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: connect(url))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, revision)
    engine.dispose()


def newest_revision() -> str:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    head = ScriptDirectory.from_config(config).get_current_head()
    assert head is not None
    return head


# What 0.1.0 generated for one dataset, and one record in it.
PREVIOUS = """
    INSERT INTO hub.batch (platform_code, batch_no, channel, sha256, content_digest, raw_uri, size_bytes, received_at)
        VALUES ('91410100MA00000000', 'old', 'sftp', repeat('0', 64), 'x', 's3://raw/x', 1, '2026-11-01 00:00+08');
    INSERT INTO hub.load (batch_id, kind, accepted, rejected, held, flagged, recorded_at)
        VALUES (1, 'ingest', 1, 0, 0, 0, '2026-11-01 00:00+08');
    CREATE TABLE hub.wh_project (data_key text NOT NULL, version_no integer NOT NULL, operation text NOT NULL,
        platform_code text NOT NULL, batch_id bigint NOT NULL, load_id bigint NOT NULL, source_file text NOT NULL,
        source_row bigint NOT NULL, contract_version text NOT NULL, record_hash bytea NOT NULL,
        recorded_at timestamptz NOT NULL, attachments jsonb, "PROJECT_CODE" text, "PROJECT_NAME" text,
        PRIMARY KEY (data_key, version_no), FOREIGN KEY (load_id, batch_id) REFERENCES hub.load (id, batch_id));
    CREATE INDEX wh_project_load_idx ON hub.wh_project (load_id, data_key);
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.wh_project
        FOR EACH STATEMENT EXECUTE FUNCTION hub.deny_change();
    INSERT INTO hub.wh_project VALUES ('4101PR0100000000000001', 1, '1', '91410100MA00000000', 1, 1, 'a.csv', 1,
        '2.0.0', sha256('x'), '2026-11-01 00:00+08', NULL, 'P-1', '旧记录');
"""


def test_a_draft_leaves_no_trace_in_the_database(postgres_url: str) -> None:
    drafts = {known.version for known in releases() if known.status is ReleaseStatus.DRAFT}
    with connect(postgres_url) as conn:
        recorded = {row[0] for row in conn.execute("SELECT DISTINCT contract_version FROM hub.contract_dataset")}

    assert drafts
    assert not recorded & drafts
