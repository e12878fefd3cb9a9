"""The object store of the hub: any S3, spoken to through the MinIO client (implements core.ports.ObjectStore)."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from minio.commonconfig import GOVERNANCE
from minio.error import S3Error
from minio.objectlockconfig import DAYS, ObjectLockConfig

from exchange_hub.core.errors import ConfigurationError, ServiceError
from exchange_hub.core.s3 import MISSING, S3_ERRORS, make_client, reason

SHA256 = "sha256"  # user metadata of every object: hex
BLOCK = 1 << 20
GOVERNANCE_DAYS = 5479  # 15 years, as long as a procurement file is kept, unless a governor lifts it


class S3ObjectStore:
    """Write-once objects in one bucket; URIs are `s3://bucket/key`.

    "Once" is a check before the write: two writers of different bytes under one key at the same moment would both
    succeed, so keys that matter carry the content's hash. In a locked bucket both versions stay.
    """

    def __init__(self, endpoint: str, access_key: str, secret_key: str, bucket: str, secure: bool = False) -> None:
        self._client = make_client(endpoint, access_key, secret_key, secure)
        self._bucket = bucket

    def ensure_bucket(self, object_lock: bool = False, retention_days: int = GOVERNANCE_DAYS) -> None:
        """Create the bucket where there is none; with `object_lock`, objects are locked (GOVERNANCE) for that time.

        A bucket with a default retention keeps it, whatever is asked.

        Raises:
            ServiceError: the store does not answer or refuses.
        """
        with self._failing("ensure_bucket"):
            if not self._client.bucket_exists(self._bucket):
                self._client.make_bucket(self._bucket, object_lock=object_lock)
            if object_lock and not self._locks_by_default():
                lock = ObjectLockConfig(GOVERNANCE, retention_days, DAYS)
                self._client.set_object_lock_config(self._bucket, lock)

    def _locks_by_default(self) -> bool:
        try:
            return self._client.get_object_lock_config(self._bucket).mode is not None
        except S3Error as error:
            if error.code == "ObjectLockConfigurationNotFoundError":
                return False
            raise

    def put_file(self, key: str, path: Path) -> str:
        """Store the file's bytes under `key`, streaming; the same bytes again change nothing.

        Raises:
            ServiceError: OBJECT_EXISTS where other bytes lie there, or the store fails.
        """
        with path.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
            source.seek(0)
            return self._put(key, source, path.stat().st_size, digest)

    def put_bytes(self, key: str, content: bytes) -> str:
        """Store `content` under `key`; the same bytes again change nothing.

        Raises:
            ServiceError: OBJECT_EXISTS where other bytes lie there, or the store fails.
        """
        return self._put(key, io.BytesIO(content), len(content), hashlib.sha256(content).hexdigest())

    def get_bytes(self, uri: str) -> bytes:
        """The bytes behind a URI of this store.

        Raises:
            ServiceError: OBJECT_MISSING, or the store fails.
        """
        return b"".join(self._blocks(self._key(uri)))

    def get_file(self, uri: str, path: Path) -> None:
        """Write the bytes behind a URI of this store to `path`, streaming.

        Raises:
            ServiceError: OBJECT_MISSING, or the store fails.
        """
        with path.open("wb") as out:
            for block in self._blocks(self._key(uri)):
                out.write(block)

    def sha256(self, uri: str) -> str:
        """SHA-256 (hex) of the bytes that lie behind a URI now, whatever was noted when they were stored; streaming.

        Raises:
            ServiceError: OBJECT_MISSING, or the store fails.
        """
        made = hashlib.sha256()
        for block in self._blocks(self._key(uri)):
            made.update(block)
        return made.hexdigest()

    def keys(self, prefix: str) -> Iterator[str]:
        """Keys below `prefix`, in order.

        Raises:
            ServiceError: the store fails.
        """
        with self._failing("keys"):
            for entry in self._client.list_objects(self._bucket, prefix, recursive=True):
                yield str(entry.object_name)

    def _put(self, key: str, source: BinaryIO, size: int, digest: str) -> str:
        stored = self._stored_digest(key)
        if stored is None:
            with self._failing("put"):
                self._client.put_object(self._bucket, key, source, size, metadata={SHA256: digest})
        elif stored != digest:
            raise ServiceError(
                "OBJECT_EXISTS", f"对象 {key} 已存在且内容不同", f"{key} exists with other bytes", self._uri(key)
            )
        return self._uri(key)

    def _stored_digest(self, key: str) -> str | None:
        with self._failing("stat"):
            try:
                found = self._client.stat_object(self._bucket, key)
            except S3Error as error:
                if error.code in MISSING:
                    return None
                raise self._failed("stat", error) from error
        noted = (found.metadata or {}).get(f"x-amz-meta-{SHA256}")
        if noted:
            return str(noted)
        digest = hashlib.sha256()
        for block in self._blocks(key):
            digest.update(block)
        return digest.hexdigest()

    def _blocks(self, key: str) -> Iterator[bytes]:
        with self._failing("get"):
            try:
                response = self._client.get_object(self._bucket, key)
            except S3Error as error:
                if error.code in MISSING:
                    raise ServiceError(
                        "OBJECT_MISSING", f"对象 {key} 不存在", f"there is no object {key}", self._uri(key)
                    ) from error
                raise self._failed("get", error) from error
            try:
                yield from response.stream(BLOCK)
            finally:
                response.close()
                response.release_conn()

    def _uri(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"

    def _key(self, uri: str) -> str:
        prefix = self._uri("")
        if not uri.startswith(prefix):
            raise ConfigurationError(
                "FOREIGN_URI", f"{uri} 不属于存储桶 {self._bucket}", f"{uri} is not in bucket {self._bucket}", uri
            )
        return uri.removeprefix(prefix)

    @contextmanager
    def _failing(self, step: str) -> Iterator[None]:
        try:
            yield
        except S3_ERRORS as error:
            raise self._failed(step, error) from error

    def _failed(self, step: str, error: BaseException) -> ServiceError:
        return ServiceError(
            "OBJECT_STORE_FAILED",
            f"对象存储出错（{step}）：{reason(error)}",
            f"the object store failed ({step}): {reason(error)}",
            self._bucket,
        )
