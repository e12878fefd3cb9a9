"""Notices put into a platform's inbox on its SFTP server."""

import io
import posixpath
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import BinaryIO

import paramiko

from exchange_hub.core.connections import Connection, connection
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.platforms import Channel
from exchange_hub.core.settings import settings
from feedback.channels.base import must_have_arrived, not_delivered, safe_name, size_of

_KEY_CLASSES = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
_RSA = ("rsa-sha2-512", "rsa-sha2-256")  # signatures asked of a server that is pinned by an ssh-rsa key


class SftpChannel:
    """Puts files into `options.path` of the server, whose key must be the one of the connection."""

    def __init__(self, channel: Channel) -> None:
        self._connection = connection(channel.connection or "")
        self._inbox = channel.options.get("path", ".")

    def deliver(self, name: str, content: BinaryIO) -> str:
        """Upload as `<name>.part`, rename over the name, ask for the size; returns sftp://host:port/path.

        Raises:
            DeliveryError: the server does not answer, is another one, refuses, or has another size.
            ConfigurationError: the connection pins no host key, or its private key cannot be read.
        """
        target = posixpath.join(self._inbox, safe_name(name))
        link = self._connection
        address = f"sftp://{link.host}:{link.port or 22}{posixpath.join('/', target)}"
        size = size_of(content)
        try:
            with _session(link) as sftp:
                sftp.putfo(content, f"{target}.part", confirm=True)
                sftp.posix_rename(f"{target}.part", target)
                found = sftp.stat(target).st_size
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise not_delivered("sftp", address, error) from error
        must_have_arrived("sftp", address, size, found)
        return address


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
            return made_by.from_private_key(io.StringIO(link.private_key))
        except (paramiko.SSHException, ValueError):
            continue
    raise ConfigurationError("BAD_PRIVATE_KEY", "连接的私钥无法读取", "the connection's private key is unreadable")
