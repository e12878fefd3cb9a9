"""Packages from a watched folder: archives and plain folders."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from exchange_hub.core.clock import system_now
from exchange_hub.core.connections import connection
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.platforms import Platform
from ingest.manifest import NAME as MANIFEST
from ingest.pack import pack
from ingest.transports.base import DONE, REFUSED, Offer, as_file, changed, failed, is_package, places, shelf


class FolderTransport:
    """Takes packages from `<connection path>/<options.path>`; a plain folder with a manifest.json is one, too."""

    def __init__(self, platform: Platform, now: Callable[[], datetime] = system_now) -> None:
        root = Path(connection(platform.transport.connection or "").path).resolve()
        self._platform, self._now = platform, now
        self._place = (root / platform.transport.options.get("path", "")).resolve()
        self._ready_after = int(platform.transport.options.get("ready_after_seconds", "5"))
        if not self._place.is_relative_to(root):
            raise ConfigurationError(
                "PLATFORM_INVALID", "文件夹在连接目录之外", "the folder lies outside its connection", platform.code
            )

    def discover(self) -> list[Offer]:
        """Packages whose newest file is at least `ready_after_seconds` old, oldest first."""
        now = self._now().timestamp()
        with self._failing("discover"):
            self._place.mkdir(parents=True, exist_ok=True)
            found = [
                (newest, path.name, _offer(path))
                for path in self._place.iterdir()
                if self._may_be(path) and not 0 <= now - (newest := _newest(path)) < self._ready_after
            ]
        return [offer for _, _, offer in sorted(found, key=lambda entry: entry[:2])]

    def fetch(self, offer: Offer, folder: Path) -> Path:
        """Copy the archive, or pack the plain folder, into `folder`."""
        with self._failing("fetch"):
            source = self._find(offer)
            target = folder / (f"{offer.name}.tar.gz" if source.is_dir() else offer.name)
            if source.is_dir():
                pack(source, target)
            else:
                shutil.copyfile(source, target, follow_symlinks=False)
            if not _is(source, offer):
                raise changed(self._platform, offer)
        return target

    def settle(self, offer: Offer, outcome: str) -> None:
        """Rename into done/ or refused/; what has changed since stays."""
        source, there = self._place / offer.name, self._place / shelf(outcome)
        with self._failing("settle"):
            if not _is(source, offer):
                return
            there.mkdir(exist_ok=True)
            target = there / offer.name
            if target.exists():
                target = there / f"{offer.stamp}-{offer.name}"
            source.rename(target)

    def submit(self, path: Path) -> str:
        """Copy beside under a name that is not collected, then rename."""
        with as_file(path) as package, self._failing("submit"):
            self._place.mkdir(parents=True, exist_ok=True)
            half = self._place / f"{package.name}.part"
            shutil.copyfile(package, half)
            half.replace(self._place / package.name)
            return (self._place / package.name).as_uri()

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
