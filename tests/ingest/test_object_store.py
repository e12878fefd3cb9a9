"""Evidence is written once, streams, comes back as it was, and is locked where that is asked."""

import hashlib
import io
import json
from pathlib import Path
from uuid import uuid4

import pytest
from minio import Minio
from minio.commonconfig import GOVERNANCE
from minio.error import S3Error

from exchange_hub.core.errors import ConfigurationError, ServiceError
from exchange_hub.core.ports import ObjectStore
from exchange_hub.core.s3 import make_client
from ingest.object_store import S3ObjectStore

pytestmark = pytest.mark.stack


@pytest.fixture
def access(servers: Path) -> tuple[str, str, str]:
    """Endpoint, access key and secret key of the real store."""
    settings = json.loads((servers / "stack.json").read_text("utf-8"))["settings"]
    return settings["s3_endpoint"], settings["s3_access_key"], settings["s3_secret_key"]


@pytest.fixture
def client(access: tuple[str, str, str]) -> Minio:
    """A client of its own to look inside."""
    return make_client(*access, secure=False)


@pytest.fixture
def store(access: tuple[str, str, str]) -> S3ObjectStore:
    """A store in the tests' one bucket: SeaweedFS takes seven of its fifty volumes for each bucket."""
    made = S3ObjectStore(*access, bucket="test-objects")
    made.ensure_bucket()
    return made


@pytest.fixture
def at() -> str:
    """A place of the test's own in that bucket."""
    return uuid4().hex


def test_what_was_put_comes_back(store: S3ObjectStore, at: str, tmp_path: Path) -> None:
    kept: ObjectStore = store
    source = tmp_path / "package.zip"
    source.write_bytes(b"x" * 6_000_000)

    file_uri = kept.put_file(f"{at}/raw/包/1.zip", source)
    bytes_uri = kept.put_bytes(f"{at}/raw/2.json", b"{}")
    kept.get_file(file_uri, tmp_path / "back.zip")

    assert (tmp_path / "back.zip").read_bytes() == source.read_bytes()
    assert kept.get_bytes(bytes_uri) == b"{}"
    assert kept.sha256(bytes_uri) == hashlib.sha256(b"{}").hexdigest()
    assert bytes_uri.endswith("/raw/2.json")
    assert bytes_uri.startswith("s3://test-objects/")


def test_keys_come_in_order_below_their_prefix(store: S3ObjectStore, at: str) -> None:
    for key in ("b/2", "a/1", "b/1", "b/10"):
        store.put_bytes(f"{at}/{key}", b"x")

    assert list(store.keys(f"{at}/b/")) == [f"{at}/b/{name}" for name in ("1", "10", "2")]


def test_the_same_bytes_again_are_fine_and_write_nothing(store: S3ObjectStore, at: str, client: Minio) -> None:
    uri = store.put_bytes(at, b"first")
    bucket = uri.split("/")[2]
    before = client.stat_object(bucket, at).last_modified

    assert store.put_bytes(at, b"first") == uri
    assert client.stat_object(bucket, at).last_modified == before


def test_other_bytes_under_a_key_are_refused(store: S3ObjectStore, at: str, client: Minio, tmp_path: Path) -> None:
    uri = store.put_bytes(at, b"first")
    (tmp_path / "f").write_bytes(b"second")

    with pytest.raises(ServiceError) as caught:
        store.put_file(at, tmp_path / "f")

    assert (caught.value.code, caught.value.where) == ("OBJECT_EXISTS", uri)
    assert store.get_bytes(uri) == b"first"


def test_an_object_written_by_others_is_compared_by_its_bytes(store: S3ObjectStore, at: str, client: Minio) -> None:
    bucket = store.put_bytes(f"{at}-seed", b"").split("/")[2]
    client.put_object(bucket, at, io.BytesIO(b"theirs"), 6)

    assert store.put_bytes(at, b"theirs").endswith(f"/{at}")
    with pytest.raises(ServiceError):
        store.put_bytes(at, b"ours")


def test_a_missing_object_and_a_foreign_uri_are_told_apart(store: S3ObjectStore, at: str, tmp_path: Path) -> None:
    uri = store.put_bytes(at, b"x")

    with pytest.raises(ServiceError) as missing:
        store.get_bytes(uri + "-missing")
    with pytest.raises(ServiceError):
        store.get_file(uri + "-missing", tmp_path / "f")
    with pytest.raises(ConfigurationError):
        store.get_bytes("s3://elsewhere/k")

    assert missing.value.code == "OBJECT_MISSING"


def test_a_locked_bucket_keeps_a_version_that_someone_deletes(access: tuple[str, str, str], client: Minio) -> None:
    bucket = f"test-{uuid4().hex[:12]}"
    store = S3ObjectStore(*access, bucket=bucket)
    store.ensure_bucket(object_lock=True, retention_days=1)
    store.ensure_bucket(object_lock=True)
    store.put_bytes("k", b"evidence")
    (version,) = [o.version_id for o in client.list_objects(bucket, include_version=True)]

    with pytest.raises(S3Error):
        client.remove_object(bucket, "k", version)

    response = client.get_object(bucket, "k", version_id=version)
    assert response.read() == b"evidence"
    response.close()
    response.release_conn()


def test_a_bucket_that_was_made_but_not_locked_yet_gets_its_retention(
    access: tuple[str, str, str], client: Minio
) -> None:
    bucket = f"test-{uuid4().hex[:12]}"
    client.make_bucket(bucket, object_lock=True)  # and then the process was killed

    S3ObjectStore(*access, bucket=bucket).ensure_bucket(object_lock=True, retention_days=1)

    assert client.get_object_lock_config(bucket).mode == GOVERNANCE


def test_the_stack_locks_what_it_keeps_as_evidence(client: Minio) -> None:
    found = client.get_object_lock_config("hub-evidence")

    assert (found.mode, found.duration) == (GOVERNANCE, 5479)


def test_a_store_that_does_not_answer_or_refuses_is_a_service_error(access: tuple[str, str, str]) -> None:
    endpoint, key, _ = access
    for wrong in (
        S3ObjectStore(endpoint, key, "wrong-secret", "hub-work"),
        S3ObjectStore("127.0.0.1:1", key, "s", "hub-work"),
    ):
        with pytest.raises(ServiceError) as caught:
            wrong.put_bytes("k", b"x")
        assert caught.value.code == "OBJECT_STORE_FAILED"
        assert "wrong-secret" not in str(caught.value)
