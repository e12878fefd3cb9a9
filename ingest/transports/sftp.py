"""Packages pulled from a platform's SFTP server.

The server's key must be the one of the connection; nothing is trusted on first use. A file is ready when it has a
package's name and is some seconds old, or when the marker that its platform agreed to write lies beside it; size and
time are compared again after reading.
"""

import logging
import posixpath
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from stat import S_ISREG

import paramiko

from exchange_hub.core.clock import system_now
from exchange_hub.core.connections import connection
from exchange_hub.core.errors import ServiceError
from exchange_hub.core.platforms import Platform
from exchange_hub.core.ssh import open_sftp
from ingest.transports.base import TRANSPORT_FAILED, Offer, as_file, changed, failed, is_package, places, shelf

logger = logging.getLogger(__name__)

WINDOW = 1 << 20  # bytes asked for at once: bounds memory, keeps the line busy
REQUEST = 1 << 15  # bytes of one read request, the most that every server answers


class SftpTransport:
    """Takes packages from `options.path` of the server."""

    def __init__(self, platform: Platform, now: Callable[[], datetime] = system_now) -> None:
        self._platform, self._now = platform, now
        self._connection = connection(platform.transport.connection or "")
        self._place = platform.transport.options.get("path", ".")
        self._ready_after = int(platform.transport.options.get("ready_after_seconds", "5"))
        self._marker = platform.transport.options.get("marker", "")

    def discover(self) -> list[Offer]:
        """Packages that are marked, or so many seconds old (a server whose clock runs ahead is not waited for)."""
        with self._session("discover") as sftp:
            listed = sftp.listdir_attr(self._place)
        names = {entry.filename for entry in listed}
        found = [
            (entry.st_mtime or 0, _offer(entry.filename, entry))
            for entry in listed
            if is_package(entry.filename) and S_ISREG(entry.st_mode or 0) and self._is_ready(entry, names)
        ]
        return [offer for _, offer in sorted(found, key=lambda pair: (pair[0], pair[1].name))]

    def _is_ready(self, entry: paramiko.SFTPAttributes, names: set[str]) -> bool:
        if self._marker:
            return f"{entry.filename}{self._marker}" in names
        return not 0 <= self._now().timestamp() - (entry.st_mtime or 0) < self._ready_after

    def fetch(self, offer: Offer, folder: Path) -> Path:
        """Read the file in bounded windows; its size and time must be the offered ones before and after.

        Where the line is cut it is read on from there, as long as each try brings something.
        """
        target = folder / offer.name
        target.unlink(missing_ok=True)
        done = 0
        while True:
            try:
                self._read_on(offer, target)
            except ServiceError as error:
                have = target.stat().st_size if target.exists() else 0
                if error.code != TRANSPORT_FAILED or have <= done:
                    raise
                logger.warning("%s of %s is read on from byte %d: %s", offer.name, self._platform.code, have, error)
                done = have
            else:
                return target

    def _read_on(self, offer: Offer, target: Path) -> None:
        with self._session("fetch") as sftp:
            source = self._find(sftp, offer)
            with sftp.open(source, "rb") as remote, target.open("ab") as out:
                for window in _windows(out.tell(), offer.size):
                    for block in remote.readv(window):
                        out.write(block)
            if _offer(offer.name, sftp.stat(source)) != offer or target.stat().st_size != offer.size:
                raise changed(self._platform, offer)

    def settle(self, offer: Offer, outcome: str) -> None:
        """Rename into done/ or refused/; a file that is gone or has changed since is left alone."""
        source, there = self._path(offer.name), self._path(shelf(outcome))
        with self._session("settle") as sftp:
            found = _stat(sftp, source)
            if found is None or _offer(offer.name, found) != offer:
                return
            if _stat(sftp, there) is None:
                sftp.mkdir(there)
            target = posixpath.join(there, offer.name)
            if _stat(sftp, target) is not None:
                target = posixpath.join(there, f"{offer.stamp}-{offer.name}")
            sftp.posix_rename(source, target)
            if self._marker and _stat(sftp, f"{source}{self._marker}") is not None:
                sftp.remove(f"{source}{self._marker}")

    def submit(self, path: Path) -> str:
        """Upload under a name that is not collected, then rename."""
        with as_file(path) as package, self._session("submit") as sftp:
            target = self._path(package.name)
            sftp.put(str(package), f"{target}.part", confirm=True)
            sftp.posix_rename(f"{target}.part", target)
            if self._marker:
                sftp.open(f"{target}{self._marker}", "w").close()
            return f"sftp://{self._connection.host}:{self._connection.port}{posixpath.join('/', target)}"

    def _find(self, sftp: paramiko.SFTPClient, offer: Offer) -> str:
        for place in places(offer):
            found = _stat(sftp, self._path(place))
            if found is not None and _offer(offer.name, found) == offer:
                return self._path(place)
        raise changed(self._platform, offer)

    def _path(self, name: str) -> str:
        return posixpath.join(self._place, name)

    @contextmanager
    def _session(self, step: str) -> Iterator[paramiko.SFTPClient]:
        try:
            with open_sftp(self._connection) as sftp:
                yield sftp
        except (paramiko.SSHException, OSError, EOFError) as error:
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
