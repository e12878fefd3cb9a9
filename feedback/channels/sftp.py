"""Notices put into a platform's inbox on its SFTP server."""

import posixpath
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from io import BytesIO, StringIO

import paramiko

from exchange_hub.core.connections import Connection, connection
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.platforms import Channel
from exchange_hub.core.settings import settings
from feedback.channels.base import Enclosure, Parcel, Sent, must_have_arrived, not_delivered, proof, safe_name

_KEY_CLASSES = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
_RSA = ("rsa-sha2-512", "rsa-sha2-256")  # signatures asked of a server that is pinned by an ssh-rsa key


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
            with _session(self._connection) as sftp:
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


@contextmanager
def _session(link: Connection) -> Iterator[paramiko.SFTPClient]:
    """Connect, check the host key, log in, open SFTP; nothing is trusted on first use."""
    timeout = settings().sftp_timeout_seconds
    kind, _, pinned = link.host_key.strip().partition(" ")
    if not pinned:
        raise ConfigurationError("NO_HOST_KEY", "连接未配置服务器公钥", "the connection pins no host key", link.host)
    line = socket.create_connection((link.host, link.port or 22), timeout)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # small requests must not wait for each other
    with closing(paramiko.Transport(line)) as transport:
        transport.banner_timeout = transport.auth_timeout = transport.handshake_timeout = timeout
        transport.get_security_options().key_types = _RSA if kind == "ssh-rsa" else (kind,)
        transport.start_client(timeout=timeout)
        key = transport.get_remote_server_key()
        if (key.get_name(), key.get_base64()) != (kind, pinned.split()[0]):
            raise paramiko.SSHException("the server's host key is not the pinned one")
        _log_in(transport, link)
        sftp = paramiko.SFTPClient.from_transport(transport)
        channel = sftp.get_channel() if sftp else None
        if sftp is None or channel is None:
            raise paramiko.SSHException("the server offers no SFTP")
        channel.settimeout(timeout)
        with closing(sftp):
            yield sftp


def _log_in(transport: paramiko.Transport, link: Connection) -> None:
    if link.private_key:
        transport.auth_publickey(link.user, _private_key(link))
    else:
        transport.auth_password(link.user, link.secret)


def _private_key(link: Connection) -> paramiko.PKey:
    for made_by in _KEY_CLASSES:
        try:
            return made_by.from_private_key(StringIO(link.private_key))
        except (paramiko.SSHException, ValueError):
            continue
    raise ConfigurationError("BAD_PRIVATE_KEY", "连接的私钥无法读取", "the connection's private key is unreadable")
