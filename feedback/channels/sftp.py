"""Notices put into a platform's inbox on its SFTP server."""

import posixpath
from datetime import UTC, datetime
from io import BytesIO

import paramiko

from exchange_hub.core.connections import connection
from exchange_hub.core.platforms import Channel
from exchange_hub.core.ssh import open_sftp
from feedback.channels.base import Enclosure, Parcel, Sent, must_have_arrived, not_delivered, proof, safe_name


class SftpChannel:
    """Puts files into `options.path` of the server, whose key must be the one of the connection."""

    def __init__(self, channel: Channel) -> None:
        self._connection = connection(channel.connection or "")
        self._inbox = channel.options.get("path", ".")

    def send(self, parcel: Parcel, since: datetime, now: datetime) -> Sent:
        """Upload each file that does not lie there yet; receipt is proved.

        Raises:
            DeliveryError: the server does not answer, is another one, refuses, or has another size.
            ConfigurationError: the connection pins no host key, or its private key cannot be read.
        """
        address = self._address(parcel.files[0])
        try:
            with open_sftp(self._connection) as sftp:
                arrived = [self._put(sftp, file, now) for file in parcel.files]
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise not_delivered("sftp", address, error) from error
        return proof(address, parcel.files, arrived, since, now)

    def _put(self, sftp: paramiko.SFTPClient, file: Enclosure, now: datetime) -> datetime:
        """Upload as `<name>.part`, rename over the name, ask for the size; when it arrived."""
        target = posixpath.join(self._inbox, safe_name(file.name))
        lying = _lying_there(sftp, target, file)
        if lying is not None:
            return lying
        sftp.putfo(BytesIO(file.content), f"{target}.part", confirm=True)
        sftp.posix_rename(f"{target}.part", target)
        must_have_arrived("sftp", self._address(file), len(file.content), sftp.stat(target).st_size)
        return now

    def _address(self, file: Enclosure) -> str:
        link = self._connection
        target = posixpath.join("/", self._inbox, safe_name(file.name))
        return f"sftp://{link.host}:{link.port or 22}{target}"


def _lying_there(sftp: paramiko.SFTPClient, target: str, file: Enclosure) -> datetime | None:
    """When the same bytes arrived under that name; None where they do not lie there."""
    try:
        found = sftp.stat(target)
    except FileNotFoundError:
        return None
    if found.st_size != len(file.content) or found.st_mtime is None:
        return None
    with sftp.open(target, "rb") as held:
        held.prefetch(found.st_size)
        if held.read() != file.content:
            return None
    return datetime.fromtimestamp(found.st_mtime, UTC)
