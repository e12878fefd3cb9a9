"""A MinIO client that gives up in time, and what it raises."""

import urllib3
from minio import Minio
from minio.error import MinioException
from urllib3.exceptions import HTTPError

S3_ERRORS = (MinioException, HTTPError, OSError)
MISSING = frozenset(("NoSuchKey", "NoSuchObject", "NoSuchVersion"))

CONNECT_SECONDS = 10
READ_SECONDS = 60


def make_client(endpoint: str, access_key: str, secret_key: str, secure: bool) -> Minio:
    """A client for `endpoint` (host:port) with bounded waiting; connects at first use."""
    waiting = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    again = urllib3.Retry(total=3, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504))
    pool = urllib3.PoolManager(timeout=waiting, retries=again, maxsize=8)
    return Minio(endpoint, access_key=access_key, secret_key=secret_key, secure=secure, http_client=pool)


def reason(error: BaseException) -> str:
    """Why it failed, without address and request signature."""
    code = getattr(error, "code", None)
    return str(code) if code else type(error).__name__
