"""Notices put into a platform's bucket. An object appears whole or not at all."""

from datetime import datetime
from io import BytesIO

from minio.datatypes import Object
from minio.error import S3Error

from exchange_hub.core.connections import connection
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.platforms import Channel
from exchange_hub.core.s3 import MISSING, S3_ERRORS, make_client
from feedback.channels.base import Enclosure, Parcel, Sent, must_have_arrived, not_delivered, proof, safe_name
from feedback.render import MEDIA_TYPES

DIGEST = "sha256"  # name of the object's metadata that tells what lies there


class S3Channel:
    """Puts objects into `options.bucket` under `options.prefix`."""

    def __init__(self, channel: Channel) -> None:
        if not channel.options.get("bucket"):
            raise ConfigurationError("NO_BUCKET", "送达渠道未配置存储桶", "an s3 delivery channel names no bucket")
        link = connection(channel.connection or "")
        self._bucket, self._prefix = channel.options["bucket"], channel.options.get("prefix", "")
        endpoint = f"{link.host}:{link.port}" if link.port else link.host
        self._client = make_client(endpoint, link.user, link.secret, link.secure)

    def send(self, parcel: Parcel, since: datetime, now: datetime) -> Sent:
        """Store each object that does not lie there yet; receipt is proved.

        Raises:
            DeliveryError: the store does not answer, refuses, or has another size.
        """
        arrived = [self._put(file, now) for file in parcel.files]
        return proof(self._address(parcel.files[0]), parcel.files, arrived, since, now)

    def _put(self, file: Enclosure, now: datetime) -> datetime:
        """Store the object and ask for its size; when it arrived."""
        key = self._prefix + safe_name(file.name)
        size = len(file.content)
        kind = MEDIA_TYPES.get(file.name.rsplit(".", 1)[-1], "application/octet-stream")
        try:
            there = self._stored(key)
            if there is not None and there.size == size and _digest(there) == file.sha256 and there.last_modified:
                return there.last_modified
            content = BytesIO(file.content)
            digest: dict[str, str | list[str] | tuple[str]] = {DIGEST: file.sha256}
            self._client.put_object(self._bucket, key, content, size, content_type=kind, metadata=digest)
            found = self._client.stat_object(self._bucket, key).size
        except S3_ERRORS as error:
            raise not_delivered("s3", self._address(file), error) from error
        must_have_arrived("s3", self._address(file), size, found)
        return now

    def _stored(self, key: str) -> Object | None:
        try:
            return self._client.stat_object(self._bucket, key)
        except S3Error as error:
            if error.code in MISSING:
                return None
            raise

    def _address(self, file: Enclosure) -> str:
        return f"s3://{self._bucket}/{self._prefix}{safe_name(file.name)}"


def _digest(there: Object) -> str | None:
    held = {name.lower(): value for name, value in (there.metadata or {}).items()}
    return held.get(f"x-amz-meta-{DIGEST}")
