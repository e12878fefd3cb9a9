"""Opening the transport that a platform card names."""

from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.platforms import Platform
from ingest.transports.base import Transport


def open_transport(platform: Platform) -> Transport:
    """The transport of the platform's card; nothing is connected before its first use.

    Raises:
        ConfigurationError: the connection it names is not configured, or packages of that kind are not collected.
    """
    kind = platform.transport.kind
    if kind == "sftp":
        from ingest.transports.sftp import SftpTransport

        return SftpTransport(platform)
    if kind == "s3":
        from ingest.transports.s3 import S3Transport

        return S3Transport(platform)
    if kind == "folder":
        from ingest.transports.folder import FolderTransport

        return FolderTransport(platform)
    if kind == "http":
        from ingest.transports.pushed import PushedTransport

        return PushedTransport(platform)
    raise ConfigurationError("NO_TRANSPORT", f"没有 {kind} 传输方式", f"no transport of kind {kind}", platform.code)
