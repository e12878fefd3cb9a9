"""Notices put into a platform's bucket. An object appears whole or not at all."""

from typing import BinaryIO

import urllib3
from minio import Minio
from minio.error import MinioException
from urllib3.exceptions import HTTPError

from exchange_hub.core.connections import connection
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.platforms import Channel
from feedback.channels.base import must_have_arrived, not_delivered, safe_name, size_of

_TIMEOUT = urllib3.Timeout(connect=10, read=60)  # seconds
_TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class S3Channel:
    """Puts objects into `options.bucket` under `options.prefix`."""

    def __init__(self, channel: Channel) -> None:
        if not channel.options.get("bucket"):
            raise ConfigurationError("NO_BUCKET", "送达渠道未配置存储桶", "an s3 delivery channel names no bucket")
        link = connection(channel.connection or "")
        self._bucket, self._prefix = channel.options["bucket"], channel.options.get("prefix", "")
        self._client = Minio(
            f"{link.host}:{link.port}" if link.port else link.host,
            access_key=link.user,
            secret_key=link.secret,
            secure=link.secure,
            http_client=urllib3.PoolManager(timeout=_TIMEOUT, retries=urllib3.Retry(2, backoff_factor=0.5)),
        )

    def deliver(self, name: str, content: BinaryIO) -> str:
        """Store the object and ask for its size; returns s3://bucket/key.

        Raises:
            DeliveryError: the store does not answer, refuses, or has another size.
        """
        key = self._prefix + safe_name(name)
        address = f"s3://{self._bucket}/{key}"
        size = size_of(content)
        kind = _TYPES.get(name.rsplit(".", 1)[-1], "application/octet-stream")
        try:
            self._client.put_object(self._bucket, key, content, size, content_type=kind)
            found = self._client.stat_object(self._bucket, key).size
        except (MinioException, HTTPError, OSError) as error:
            raise not_delivered("s3", address, error) from error
        must_have_arrived("s3", address, size, found)
        return address
