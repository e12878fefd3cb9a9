"""Notices put into a folder: a mounted share, or the inbox of a demo platform."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from exchange_hub.core.connections import connection
from exchange_hub.core.errors import DeliveryError
from exchange_hub.core.platforms import Channel
from feedback.channels.base import Enclosure, Parcel, Sent, must_have_arrived, not_delivered, proof, safe_name


class FolderChannel:
    """Puts files into `<connection path>/<options.path>`; the inbox is made where the connection's folder exists."""

    def __init__(self, channel: Channel) -> None:
        self._root = Path(connection(channel.connection or "").path).resolve()
        self._inbox = self._root / channel.options.get("path", "")

    def send(self, parcel: Parcel, since: datetime, now: datetime) -> Sent:
        """Put each file that does not lie there yet; receipt is proved.

        Raises:
            DeliveryError: the share is not there, or does not take a file.
        """
        if not self._root.is_dir():  # never fill the mount point of a share that is not mounted
            raise DeliveryError("NOT_DELIVERED", "通知目录不存在", "the folder does not exist", str(self._root))
        arrived = [self._put(file, now) for file in parcel.files]
        letter = self._inbox / parcel.files[0].name
        return proof(letter.as_uri(), parcel.files, arrived, since, now)

    def _put(self, file: Enclosure, now: datetime) -> datetime:
        """Write beside the inbox's files, flush to disk, rename; when it arrived."""
        target = self._inbox / safe_name(file.name)
        try:
            if target.is_file() and target.read_bytes() == file.content:
                return datetime.fromtimestamp(target.stat().st_mtime, UTC)
            self._inbox.mkdir(parents=True, exist_ok=True)
            _write_whole(target, file.content)
            found = target.stat().st_size
        except OSError as error:
            raise not_delivered("folder", str(target), error) from error
        must_have_arrived("folder", str(target), len(file.content), found)
        return now


def _write_whole(target: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)
