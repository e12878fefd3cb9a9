"""Packages that a platform drops into its bucket. An object appears whole or not at all."""

import posixpath
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Self

from minio.commonconfig import CopySource
from minio.datatypes import Object
from minio.error import S3Error

from exchange_hub.core.clock import system_now
from exchange_hub.core.connections import connection
from exchange_hub.core.platforms import Platform
from exchange_hub.core.s3 import MISSING, S3_ERRORS, make_client, reason
from exchange_hub.core.settings import settings
from ingest.transports.agreed import agreement, mark
from ingest.transports.base import DONE, REFUSED, Offer, as_file, changed, failed, is_package, places, shelf
from ingest.transports.pace import Pace

BLOCK = 1 << 20  # bytes taken from the line at once


class S3Transport:
    """Takes packages from `options.bucket` below `options.prefix`."""

    def __init__(self, platform: Platform, now: Callable[[], datetime] = system_now) -> None:
        self._platform, self._now = platform, now
        link, options = connection(platform.transport.connection or ""), platform.transport.options
        self._client = make_client(f"{link.host}:{link.port}", link.user, link.secret, link.secure)
        self._bucket, self._prefix = options["bucket"], options.get("prefix", "")
        self._agreed = agreement(platform)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """The client keeps its connections by itself."""

    def discover(self) -> list[Offer]:
        """Objects named like packages, oldest first; what lies in done/ and refused/ has been taken."""
        with self._failing("discover"):
            entries = list(self._entries())
        names = {name for name, _ in entries}
        found = [
            (str(entry.last_modified), offer)
            for name, entry in entries
            if is_package(posixpath.basename(name)) and not self._agreed.is_taken(offer := _offer(name, entry), names)
        ]
        return [offer for _, offer in sorted(found, key=lambda pair: (pair[0], pair[1].name))]

    def _entries(self) -> Iterator[tuple[str, Object]]:
        """Every object with its name, except what was moved away: that grows for ever and is not gone through."""
        for entry in self._client.list_objects(self._bucket, self._prefix):
            name = str(entry.object_name)
            if not entry.is_dir:
                yield name.removeprefix(self._prefix), entry
            elif name.removeprefix(self._prefix) not in (f"{DONE}/", f"{REFUSED}/"):
                for below in self._client.list_objects(self._bucket, name, recursive=True):
                    yield str(below.object_name).removeprefix(self._prefix), below

    def fetch(self, offer: Offer, folder: Path) -> Path:
        """Download; the ETag must be the offered one before and after."""
        target = folder / posixpath.basename(offer.name)
        with self._failing("fetch"):
            place = self._find(offer)
            self._download(self._prefix + place, target)
            if not self._is(place, offer):
                raise changed(self._platform, offer)
        return target

    def _download(self, key: str, target: Path) -> None:
        pace = Pace(self._platform, settings().slowest_bytes_per_second, self._now)
        answer = self._client.get_object(self._bucket, key)
        try:
            with target.open("wb") as out:
                for block in answer.stream(BLOCK):
                    out.write(block)
                    pace.came(len(block))
        finally:
            answer.close()
            answer.release_conn()

    def settle(self, offer: Offer, outcome: str) -> None:
        """Copy to done/ or refused/ and remove, or mark; an object that is gone or has changed is left alone."""
        with self._failing("settle"):
            if self._present(offer.name) != offer:
                return
            if self._agreed.marks:
                self._client.put_object(self._bucket, self._prefix + mark(offer, outcome), BytesIO(), 0)
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
