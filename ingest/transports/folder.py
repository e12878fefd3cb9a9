"""Packages from a watched folder: archives and plain folders."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self

from exchange_hub.core.clock import system_now
from exchange_hub.core.connections import connection
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.platforms import Platform
from exchange_hub.core.settings import settings
from ingest.manifest import NAME as MANIFEST
from ingest.pack import pack
from ingest.transports.agreed import agreement, mark
from ingest.transports.base import DONE, REFUSED, Offer, as_file, changed, failed, is_package, places, shelf
from ingest.transports.pace import Pace

BLOCK = 1 << 20  # bytes copied at once


class FolderTransport:
    """Takes packages from `<connection path>/<options.path>`; a plain folder with a manifest.json is one, too."""

    def __init__(self, platform: Platform, now: Callable[[], datetime] = system_now) -> None:
        root = Path(connection(platform.transport.connection or "").path).resolve()
        self._platform, self._now = platform, now
        self._place = (root / platform.transport.options.get("path", "")).resolve()
        self._agreed = agreement(platform)
        if not self._place.is_relative_to(root):
            raise ConfigurationError(
                "PLATFORM_INVALID", "文件夹在连接目录之外", "the folder lies outside its connection", platform.code
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """A folder knows no sessions."""

    def discover(self) -> list[Offer]:
        """Packages that are whole as agreed (of a plain folder: its newest file), oldest first."""
        now = self._now()
        with self._failing("discover"):
            self._place.mkdir(parents=True, exist_ok=True)
            names = set(os.listdir(self._place))
            paths = [path for path in map(self._place.joinpath, names) if self._may_be(path)]
            found = [
                (newest, offer)
                for path in paths
                if self._agreed.whole(path.name, newest := _newest(path), now, names)
                and not self._agreed.is_taken(offer := _offer(path), names)
            ]
        return [offer for _, offer in sorted(found, key=lambda pair: (pair[0], pair[1].name))]

    def fetch(self, offer: Offer, folder: Path) -> Path:
        """Copy the archive, or pack the plain folder, into `folder`."""
        with self._failing("fetch"):
            source = self._find(offer)
            target = folder / (f"{offer.name}.tar.gz" if source.is_dir() else offer.name)
            if source.is_dir():
                pack(source, target)
            else:
                self._copy(source, target)
            if not _is(source, offer):
                raise changed(self._platform, offer)
        return target

    def settle(self, offer: Offer, outcome: str) -> None:
        """Rename into done/ or refused/, or mark; what has changed since stays."""
        source, there = self._place / offer.name, self._place / shelf(outcome)
        marker = self._place / f"{offer.name}{self._agreed.marker}"
        with self._failing("settle"):
            if _is(source, offer) and self._agreed.marks:
                (self._place / mark(offer, outcome)).touch()
                return
            if _is(source, offer):
                there.mkdir(exist_ok=True)
                target = there / offer.name
                source.rename(there / f"{offer.stamp}-{offer.name}" if target.exists() else target)
            if self._agreed.marker and not os.path.lexists(source):
                marker.unlink(missing_ok=True)

    def submit(self, path: Path) -> str:
        """Copy beside under a name that is not collected, then rename."""
        with as_file(path) as package, self._failing("submit"):
            self._place.mkdir(parents=True, exist_ok=True)
            half = self._place / f"{package.name}.part"
            shutil.copyfile(package, half)
            half.replace(self._place / package.name)
            if self._agreed.marker:
                (self._place / f"{package.name}{self._agreed.marker}").touch()
            return (self._place / package.name).as_uri()

    def _copy(self, source: Path, target: Path) -> None:
        """In blocks, since a folder may lie on a mount that trickles."""
        pace = Pace(self._platform, settings().slowest_bytes_per_second, self._now)
        with os.fdopen(os.open(source, os.O_RDONLY | os.O_NOFOLLOW), "rb") as came, target.open("wb") as out:
            while block := came.read(BLOCK):
                out.write(block)
                pace.came(len(block))

    def _find(self, offer: Offer) -> Path:
        for place in places(offer):
            if _is(self._place / place, offer):
                return self._place / place
        raise changed(self._platform, offer)

    def _may_be(self, path: Path) -> bool:
        if path.is_symlink() or path.name in (DONE, REFUSED):
            return False
        return (path.is_file() and is_package(path.name)) or (
            path.is_dir() and not path.name.startswith(".") and (path / MANIFEST).is_file()
        )

    @contextmanager
    def _failing(self, step: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise failed(self._platform, step, error.strerror or type(error).__name__) from error


def _files(path: Path) -> list[Path]:
    return [path, *path.rglob("*")] if path.is_dir() else [path]


def _newest(path: Path) -> float:
    return max(file.lstat().st_mtime for file in _files(path))


def _is(path: Path, offer: Offer) -> bool:
    """Whether the offered package, unchanged, lies there."""
    return os.path.lexists(path) and replace(_offer(path), name=offer.name) == offer


def _offer(path: Path) -> Offer:
    files = [(file.lstat(), file.is_dir()) for file in _files(path)]
    size = sum(status.st_size for status, is_folder in files if not is_folder)
    newest = max(status.st_mtime_ns for status, _ in files)
    return Offer(path.name, size, f"{newest}-{len(files)}-{size}")
