"""Packages that a platform drops into its bucket. An object appears whole or not at all."""

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from minio.commonconfig import CopySource
from minio.datatypes import Object
from minio.error import S3Error

from exchange_hub.core.connections import connection
from exchange_hub.core.platforms import Platform
from exchange_hub.core.s3 import MISSING, S3_ERRORS, make_client, reason
from ingest.transports.base import DONE, REFUSED, Offer, as_file, changed, failed, is_package, places, shelf


class S3Transport:
    """Takes packages from `options.bucket` below `options.prefix`."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        link, options = connection(platform.transport.connection or ""), platform.transport.options
        self._client = make_client(f"{link.host}:{link.port}", link.user, link.secret, link.secure)
        self._bucket, self._prefix = options["bucket"], options.get("prefix", "")

    def discover(self) -> list[Offer]:
        """Objects named like packages, oldest first; what lies in done/ and refused/ has been taken."""
        found = []
        with self._failing("discover"):
            for entry in self._client.list_objects(self._bucket, self._prefix, recursive=True):
                name = str(entry.object_name).removeprefix(self._prefix)
                taken = name.split("/", 1)[0] in (DONE, REFUSED)
                if not taken and is_package(posixpath.basename(name)):
                    found.append((str(entry.last_modified), _offer(name, entry)))
        return [offer for _, offer in sorted(found, key=lambda pair: (pair[0], pair[1].name))]

    def fetch(self, offer: Offer, folder: Path) -> Path:
        """Download; the ETag must be the offered one before and after."""
        target = folder / posixpath.basename(offer.name)
        with self._failing("fetch"):
            place = self._find(offer)
            self._client.fget_object(self._bucket, self._prefix + place, str(target))
            if not self._is(place, offer):
                raise changed(self._platform, offer)
        return target

    def settle(self, offer: Offer, outcome: str) -> None:
        """Copy to done/ or refused/ and remove; an object that is gone or has changed since is left alone."""
        with self._failing("settle"):
            if self._present(offer.name) != offer:
                return
            target = f"{shelf(outcome)}/{offer.name}"
            if self._present(target) is not None:
                target = f"{shelf(outcome)}/{offer.stamp}-{posixpath.basename(offer.name)}"
            source = CopySource(self._bucket, self._prefix + offer.name)
            self._client.copy_object(self._bucket, self._prefix + target, source)
            self._client.remove_object(self._bucket, self._prefix + offer.name)

    def submit(self, path: Path) -> str:
        """Upload under the package's own name."""
        with as_file(path) as package, self._failing("submit"):
            key = self._prefix + package.name
            self._client.fput_object(self._bucket, key, str(package))
            return f"s3://{self._bucket}/{key}"

    def _present(self, name: str) -> Offer | None:
        try:
            return _offer(name, self._client.stat_object(self._bucket, self._prefix + name))
        except S3Error as error:
            if error.code in MISSING:
                return None
            raise failed(self._platform, "stat", reason(error)) from error

    def _find(self, offer: Offer) -> str:
        for place in places(offer):
            if self._is(place, offer):
                return place
        raise changed(self._platform, offer)

    def _is(self, place: str, offer: Offer) -> bool:
        found = self._present(place)
        return found is not None and (found.size, found.stamp) == (offer.size, offer.stamp)

    @contextmanager
    def _failing(self, step: str) -> Iterator[None]:
        try:
            yield
        except S3_ERRORS as error:
            raise failed(self._platform, step, reason(error)) from error


def _offer(name: str, entry: Object) -> Offer:
    stamp = "".join(c for c in str(entry.etag) if c.isalnum() or c == "-")
    return Offer(name, int(entry.size or 0), stamp)
