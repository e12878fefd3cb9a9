"""Packages pulled from a platform's SFTP server.

The server's key must be the one of the connection; nothing is trusted on first use. When a file is whole is agreed with
the platform (`agreed`); size and time are compared again after reading.
"""

import logging
import posixpath
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from stat import S_ISREG
from typing import Self, TypeVar

import paramiko

from exchange_hub.core.clock import system_now
from exchange_hub.core.connections import connection
from exchange_hub.core.errors import ServiceError
from exchange_hub.core.platforms import Platform
from exchange_hub.core.settings import settings
from ingest.transports.agreed import agreement, mark
from ingest.transports.base import TRANSPORT_FAILED, Offer, as_file, changed, failed, is_package, places, shelf
from ingest.transports.pace import Pace
from ingest.transports.session import LINE_ERRORS, Session

logger = logging.getLogger(__name__)

T = TypeVar("T")
WINDOW = 1 << 23  # bytes asked for at once: bounds memory, keeps the line busy
REQUEST = 1 << 15  # bytes of one read request, the most that every server answers


class SftpTransport:
    """Takes packages from `options.path` of the server."""

    def __init__(self, platform: Platform, now: Callable[[], datetime] = system_now) -> None:
        self._platform, self._now = platform, now
        self._connection = connection(platform.transport.connection or "")
        self._session = Session(self._connection)
        self._place = platform.transport.options.get("path", ".")
        self._agreed = agreement(platform)

    def __enter__(self) -> Self:
        self._session.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._session.__exit__()

    def discover(self) -> list[Offer]:
        """Packages that are whole as agreed, oldest first."""
        listed = self._do("discover", lambda sftp: sftp.listdir_attr(self._place))
        names, now = {entry.filename for entry in listed}, self._now()
        found = []
        for entry in listed:
            if not is_package(entry.filename) or not S_ISREG(entry.st_mode or 0):
                continue
            changed_at, offer = entry.st_mtime or 0, _offer(entry.filename, entry)
            if self._agreed.whole(offer.name, changed_at, now, names) and not self._agreed.is_taken(offer, names):
                found.append((changed_at, offer))
        return [offer for _, offer in sorted(found, key=lambda pair: (pair[0], pair[1].name))]

    def fetch(self, offer: Offer, folder: Path) -> Path:
        """Read the file in bounded windows; its size and time must be the offered ones before and after.

        Where the line is cut it is read on from there, as long as each try brings something.
        """
        target = folder / offer.name
        target.unlink(missing_ok=True)
        pace = Pace(self._platform, settings().slowest_bytes_per_second, self._now)
        done = 0
        while True:
            try:
                self._do("fetch", lambda sftp: self._read_on(sftp, offer, target, pace))
            except ServiceError as error:
                have = target.stat().st_size if target.exists() else 0
                if error.code != TRANSPORT_FAILED or have <= done:
                    raise
                logger.warning("%s of %s is read on from byte %d: %s", offer.name, self._platform.code, have, error)
                done = have
            else:
                return target

    def _read_on(self, sftp: paramiko.SFTPClient, offer: Offer, target: Path, pace: Pace) -> None:
        source = self._find(sftp, offer)
        with sftp.open(source, "rb") as remote, target.open("ab") as out:
            for window in _windows(out.tell(), offer.size):
                for block in remote.readv(window):
                    out.write(block)
                    pace.came(len(block))
        if _offer(offer.name, sftp.stat(source)) != offer or target.stat().st_size != offer.size:
            raise changed(self._platform, offer)

    def settle(self, offer: Offer, outcome: str) -> None:
        """Rename into done/ or refused/, or mark; a file that is gone or has changed since is left alone."""
        self._do("settle", lambda sftp: self._settle(sftp, offer, outcome))

    def _settle(self, sftp: paramiko.SFTPClient, offer: Offer, outcome: str) -> None:
        source, found = self._path(offer.name), _stat(sftp, self._path(offer.name))
        if found is None:
            self._remove_marker(sftp, source)  # whoever moved the file may have died before this
        if found is None or _offer(offer.name, found) != offer:
            return
        if self._agreed.marks:
            sftp.open(self._path(mark(offer, outcome)), "w").close()
            return
        there = self._path(shelf(outcome))
        if _stat(sftp, there) is None:
            sftp.mkdir(there)
        target = posixpath.join(there, offer.name)
        if _stat(sftp, target) is not None:
            target = posixpath.join(there, f"{offer.stamp}-{offer.name}")
        sftp.posix_rename(source, target)
        self._remove_marker(sftp, source)

    def _remove_marker(self, sftp: paramiko.SFTPClient, source: str) -> None:
        marker = f"{source}{self._agreed.marker}"
        if self._agreed.marker and _stat(sftp, marker) is not None:
            sftp.remove(marker)

    def submit(self, path: Path) -> str:
        """Upload under a name that is not collected, then rename."""
        with as_file(path) as package:
            return self._do("submit", lambda sftp: self._put(sftp, package))

    def _put(self, sftp: paramiko.SFTPClient, package: Path) -> str:
        target = self._path(package.name)
        sftp.put(str(package), f"{target}.part", confirm=True)
        sftp.posix_rename(f"{target}.part", target)
        if self._agreed.marker:
            sftp.open(f"{target}{self._agreed.marker}", "w").close()
        return f"sftp://{self._connection.host}:{self._connection.port}{posixpath.join('/', target)}"

    def _find(self, sftp: paramiko.SFTPClient, offer: Offer) -> str:
        for place in places(offer):
            found = _stat(sftp, self._path(place))
            if found is not None and _offer(offer.name, found) == offer:
                return self._path(place)
        raise changed(self._platform, offer)

    def _path(self, name: str) -> str:
        return posixpath.join(self._place, name)

    def _do(self, step: str, work: Callable[[paramiko.SFTPClient], T]) -> T:
        try:
            return self._session.run(work)
        except LINE_ERRORS as error:
            raise failed(self._platform, step, error) from error


def _offer(name: str, status: paramiko.SFTPAttributes) -> Offer:
    size = status.st_size or 0
    return Offer(name, size, f"{status.st_mtime or 0}-{size}")


def _stat(sftp: paramiko.SFTPClient, path: str) -> paramiko.SFTPAttributes | None:
    try:
        return sftp.stat(path)
    except FileNotFoundError:
        return None


def _windows(first: int, size: int) -> Iterator[list[tuple[int, int]]]:
    for start in range(first, size, WINDOW):
        end = min(size, start + WINDOW)
        yield [(at, min(REQUEST, end - at)) for at in range(start, end, REQUEST)]
