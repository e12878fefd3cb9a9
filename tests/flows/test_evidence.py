"""Evidence in the store and in the database together: what a superuser or the store's owner changes is found."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from minio import Minio
from minio.error import S3Error
from pydantic import SecretStr

from contracts.loader import load_release
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.settings import settings
from exchange_hub.flows.context import Hub
from exchange_hub.flows.heads import keep_head
from exchange_hub.flows.ingest import ingest
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from ingest.object_store import S3ObjectStore
from ingest.pack import pack
from warehouse.connection import connect
from warehouse.verification import verify

pytestmark = pytest.mark.stack
NANYANG = "12411300MA3DEM035H"
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def hub(hub: Hub, new_database: Callable[..., str], hub_template: str) -> Hub:
    """A warehouse and an evidence bucket of this module's own: what other tests keep would be unbooked here."""
    now = settings()
    assert now.s3_endpoint and now.s3_access_key and now.s3_secret_key  # noqa: PT018 -- for the type checker
    keys = now.s3_access_key.get_secret_value(), now.s3_secret_key.get_secret_value()
    evidence = S3ObjectStore(now.s3_endpoint, *keys, "evidence-of-its-own")
    evidence.ensure_bucket(object_lock=True)
    url = SecretStr(new_database(hub_template))
    return replace(hub, evidence=evidence, settings=hub.settings.model_copy(update={"database_url": url}))


@pytest.fixture(scope="module")
def report(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Report of a batch with rejections: package, notice and chain head lie in the evidence store."""
    reports = []
    for number, day in enumerate((NOW, NOW + timedelta(days=1))):
        folder = tmp_path_factory.mktemp("evidence") / "package"
        options = SampleOptions(NANYANG, 2, 900 + number, faults=10.0, batch_no=f"evidence-{number}")
        write_package(folder, options)
        reports.append(ingest(hub, folder, day, channel="cli"))
    return reports[0]


@pytest.fixture
def superuser(hub: Hub) -> Iterator[psycopg.Connection]:
    """A superuser whose changes are rolled back at the end; triggers are switched off."""
    with connect(hub.settings.database()) as conn:
        conn.execute("SET LOCAL session_replication_role = replica")
        yield conn
        conn.rollback()


def store_client() -> Minio:
    now = settings()
    assert now.s3_endpoint and now.s3_access_key and now.s3_secret_key  # noqa: PT018 -- for the type checker
    keys = now.s3_access_key.get_secret_value(), now.s3_secret_key.get_secret_value()
    return Minio(now.s3_endpoint, *keys, secure=False)


def found(hub: Hub, conn: psycopg.Connection, batch: tuple[str, str] | None = None) -> set[str]:
    return {one.fault.value for one in verify(conn, batch, store=hub.evidence).differences}


def test_what_is_stored_verifies_with_its_objects(
    hub: Hub, report: dict[str, Any], superuser: psycopg.Connection
) -> None:
    assert found(hub, superuser) == set()


@pytest.mark.parametrize(("kind", "fault"), [("raw", "changed_package"), ("notice", "changed_notice")])
def test_a_swapped_object_is_found(
    hub: Hub, report: dict[str, Any], superuser: psycopg.Connection, kind: str, fault: str
) -> None:
    query = {
        "raw": "SELECT raw_uri FROM hub.batch WHERE batch_no = 'evidence-0'",
        "notice": "SELECT uri FROM hub.notice_file f JOIN hub.notice n USING (notice_no)"
        " WHERE n.batch_no = 'evidence-0' ORDER BY name LIMIT 1",
    }[kind]
    row = superuser.execute(query.encode()).fetchone()
    assert row is not None
    bucket, key = row[0].removeprefix("s3://").split("/", 1)
    client = store_client()
    first = client.get_object(bucket, key)
    content, version = first.read(), first.headers["x-amz-version-id"]
    client.put_object(bucket, key, io.BytesIO(b"other bytes"), 11)
    try:
        assert found(hub, superuser, (NANYANG, "evidence-0")) == {fault}
        with pytest.raises(S3Error):  # what was sent first is locked and stays
            client.remove_object(bucket, key, version_id=version)
    finally:
        client.put_object(bucket, key, io.BytesIO(content), len(content))
    assert found(hub, superuser, (NANYANG, "evidence-0")) == set()


def test_a_batch_that_was_made_to_vanish_is_found_by_its_bytes(
    hub: Hub, report: dict[str, Any], superuser: psycopg.Connection
) -> None:
    superuser.execute("DELETE FROM hub.batch WHERE batch_no = 'evidence-0'")

    assert "unbooked_object" in found(hub, superuser)


def test_a_package_kept_twice_by_a_crash_before_booking_is_no_loss(
    hub: Hub, report: dict[str, Any], superuser: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored, then killed before it is booked; taken in again a day later, under the key of that day."""
    folder = tmp_path / "package"
    write_package(folder, SampleOptions(NANYANG, 1, 990, batch_no="evidence-late"))
    packed = pack(folder, tmp_path / "package.tar.gz")

    def killed(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr("exchange_hub.flows.receive.batches.record_received", killed)
        with pytest.raises(SystemExit):
            ingest(hub, packed, NOW - timedelta(days=3), channel="cli")
    superuser.rollback()
    before = found(hub, superuser)
    superuser.rollback()

    ingest(hub, packed, NOW + timedelta(days=2), channel="cli")

    assert before == {"unbooked_object"}
    assert found(hub, superuser) == set()


def test_a_chain_cut_short_is_found_by_the_head_that_was_kept_outside(
    hub: Hub, report: dict[str, Any], superuser: psycopg.Connection
) -> None:
    superuser.execute("DELETE FROM hub.load_proof WHERE seq = (SELECT max(seq) FROM hub.load_proof)")
    superuser.execute("DELETE FROM hub.load WHERE id NOT IN (SELECT load_id FROM hub.load_proof)")

    assert "lost_head" in found(hub, superuser)


def test_the_head_is_kept_once_and_under_lock(hub: Hub, report: dict[str, Any]) -> None:
    assert keep_head(hub, NOW) is None
    with hub.database() as conn:
        row = conn.execute("SELECT uri, encode(chain, 'hex') FROM hub.anchor ORDER BY seq DESC LIMIT 1").fetchone()
    assert row is not None
    bucket, key = row[0].removeprefix("s3://").split("/", 1)

    document = json.loads(hub.evidence.get_bytes(row[0]))
    assert document["chain"] == row[1]
    assert store_client().get_object_retention(bucket, key) is not None


def test_every_table_is_guarded_as_its_retention_class_says(hub: Hub) -> None:
    records = {f"hub.wh_{dataset.lower()}" for dataset in load_release("2.0.0").datasets}
    must_stay = ("batch", "load", "load_proof", "load_leaf", "finding", "quarantine", "held", "notice", "notice_item")
    watched = ("notice_file", "scope_grant", "personal_grant", "query_log", "action", "anchor")
    with hub.database() as conn:
        kept = conn.execute(
            "SELECT kept, retention_class, guard, (SELECT max(attname) FROM pg_attribute"
            " WHERE attrelid = kept::regclass AND attnum > 0 AND attidentity = '') FROM audit.retention"
            " WHERE retention_class <> 'evidence'"
        ).fetchall()
        for table, retention_class, guard, column in kept:
            for statement in (f"DELETE FROM {table}", f'UPDATE {table} SET "{column}" = NULL'):
                said = refusal(conn, statement)
                allowed = retention_class == "working" or (guard == "no_delete" and statement.startswith("UPDATE"))
                assert allowed or "append-only" in said, (table, statement, said)

    permanent = {table for table, retention_class, _, _ in kept if retention_class == "permanent"}
    assert permanent >= records | {f"hub.{name}" for name in (*must_stay, *watched)}


def refusal(conn: psycopg.Connection, statement: str) -> str:
    try:
        with conn.transaction(force_rollback=True):
            conn.execute(statement.encode())
    except psycopg.Error as error:
        return str(error)
    return ""


def test_every_kind_of_evidence_is_locked_as_long_as_its_retention_class_says(hub: Hub, report: dict[str, Any]) -> None:
    client, bucket = store_client(), "evidence-of-its-own"
    with hub.database() as conn:
        kept = conn.execute(
            "SELECT kept, days, guard FROM audit.retention WHERE retention_class = 'evidence'"
        ).fetchall()
    assert {prefix for prefix, _, _ in kept} == {key.split("/")[0] + "/" for key in hub.evidence.keys("")}
    for prefix, days, guard in kept:
        for entry in client.list_objects(bucket, prefix, recursive=True, include_version=True):
            assert entry.object_name is not None
            lock = client.get_object_retention(bucket, entry.object_name, entry.version_id)
            assert lock is not None
            assert entry.last_modified is not None

            held = lock.retain_until_date - entry.last_modified

            assert guard == f"object_lock_{lock.mode.lower()}"
            assert abs(held - timedelta(days=days)) < timedelta(minutes=1), entry.object_name
            with pytest.raises(S3Error):
                client.remove_object(bucket, entry.object_name, entry.version_id)


def test_what_serves_between_tasks_only_may_be_deleted_at_once(hub: Hub) -> None:
    uri = hub.work.put_bytes("retention/of-no-length", b"made again at any time")
    bucket, key = uri.removeprefix("s3://").split("/", 1)

    store_client().remove_object(bucket, key)

    assert list(hub.work.keys("retention/")) == []
