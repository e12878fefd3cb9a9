"""Notices put into a folder: a mounted share, or the inbox of a demo platform."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

from exchange_hub.core.connections import connection
from exchange_hub.core.errors import DeliveryError
from exchange_hub.core.platforms import Channel
from feedback.channels.base import must_have_arrived, not_delivered, safe_name, size_of


class FolderChannel:
    """Puts files into `<connection path>/<options.path>`; the inbox is made where the connection's folder exists."""

    def __init__(self, channel: Channel) -> None:
        self._root = Path(connection(channel.connection or "").path).resolve()
        self._inbox = self._root / channel.options.get("path", "")

    def deliver(self, name: str, content: BinaryIO) -> str:
        """Write beside the inbox's files, flush to disk, rename; returns a file URI.

        Raises:
            DeliveryError: the share is not there, or does not take the file.
        """
        target = self._inbox / safe_name(name)
        if not self._root.is_dir():  # never fill the mount point of a share that is not mounted
            raise DeliveryError("NOT_DELIVERED", "通知目录不存在", "the folder does not exist", str(self._root))
        size = size_of(content)
        try:
            self._inbox.mkdir(parents=True, exist_ok=True)
            _write_whole(target, content)
            found = target.stat().st_size
        except OSError as error:
            raise not_delivered("folder", str(target), error) from error
        must_have_arrived("folder", str(target), size, found)
        return target.as_uri()


def _write_whole(target: Path, content: BinaryIO) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            shutil.copyfileobj(content, out)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)
