"""An SFTP session with a pinned host key and bounded waiting."""

import io
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import paramiko

from exchange_hub.core.connections import Connection
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.settings import settings

_KEY_CLASSES = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
_RSA = ("rsa-sha2-512", "rsa-sha2-256")  # signatures asked of a server that is pinned by an ssh-rsa key


@contextmanager
def open_sftp(connection: Connection) -> Iterator[paramiko.SFTPClient]:
    """Connect, check the host key, log in, open SFTP; all closed at the end.

    Raises:
        ConfigurationError: no host key is pinned, or the private key cannot be read.
        paramiko.SSHException, OSError, EOFError: the server does not answer, is another one, or turns us away.
    """
    timeout = settings().sftp_timeout_seconds
    kind, _, pinned = connection.host_key.strip().partition(" ")
    if not pinned:
        raise ConfigurationError(
            "NO_HOST_KEY", "连接未配置服务器公钥", "the connection pins no host key", connection.host
        )
    line = socket.create_connection((connection.host, connection.port or 22), timeout)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # small requests must not wait for each other
    with closing(paramiko.Transport(line)) as transport:
        transport.banner_timeout = transport.auth_timeout = transport.handshake_timeout = timeout
        transport.get_security_options().key_types = _RSA if kind == "ssh-rsa" else (kind,)
        transport.start_client(timeout=timeout)
        key = transport.get_remote_server_key()
        if f"{key.get_name()} {key.get_base64()}" != f"{kind} {pinned.split()[0]}":
            raise paramiko.SSHException("the server's host key is not the pinned one")
        _log_in(transport, connection)
        with closing(_client(transport, timeout)) as sftp:
            yield sftp


def _client(transport: paramiko.Transport, timeout: int) -> paramiko.SFTPClient:
    sftp = paramiko.SFTPClient.from_transport(transport)
    channel = sftp.get_channel() if sftp else None
    if sftp is None or channel is None:
        raise paramiko.SSHException("the server offers no SFTP")
    channel.settimeout(timeout)
    return sftp


def _log_in(transport: paramiko.Transport, connection: Connection) -> None:
    if connection.private_key:
        transport.auth_publickey(connection.user, _private_key(connection))
    else:
        transport.auth_password(connection.user, connection.secret)


def _private_key(connection: Connection) -> paramiko.PKey:
    for made_by in _KEY_CLASSES:
        try:
            return made_by.from_private_key(io.StringIO(connection.private_key))
        except (paramiko.SSHException, ValueError):
            continue
    raise ConfigurationError("BAD_PRIVATE_KEY", "连接的私钥无法读取", "the connection's private key is unreadable")
