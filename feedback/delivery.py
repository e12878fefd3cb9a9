"""Delivery of notices (送达) through a platform's own channel.

A failed delivery is no receipt: the clock does not start. Delivering the same names again replaces the same files
and never restarts the clock; that is the caller's to keep.
"""

from collections.abc import Callable, Iterable, Mapping
from io import BytesIO

from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.platforms import Channel, Platform
from exchange_hub.core.ports import NoticeChannel


def open_channel(platform: Platform) -> NoticeChannel:
    """The channel through which the platform gets its notices (kinds sftp, s3, folder).

    Raises:
        ConfigurationError: an unknown kind, or a connection that is not configured.
    """
    maker = _MAKERS.get(platform.delivery.kind)
    if maker is None:
        kind = platform.delivery.kind
        raise ConfigurationError(
            "UNKNOWN_CHANNEL", f"不支持的送达方式：{kind}", f"no delivery channel of kind {kind}", platform.code
        )
    return maker(platform.delivery)


def deliver_files(channel: NoticeChannel, files: Iterable[tuple[str, bytes]]) -> tuple[str, ...]:
    """Put every form of a notice where the platform receives it; returns the addresses in order.

    The first address (the HTML letter) serves as evidence of receipt once all have arrived.

    Raises:
        DeliveryError: one of them is not certain to have arrived; deliver all again.
    """
    return tuple(channel.deliver(name, BytesIO(content)) for name, content in files)


def _sftp(channel: Channel) -> NoticeChannel:
    from feedback.channels.sftp import SftpChannel

    return SftpChannel(channel)


def _s3(channel: Channel) -> NoticeChannel:
    from feedback.channels.s3 import S3Channel

    return S3Channel(channel)


def _folder(channel: Channel) -> NoticeChannel:
    from feedback.channels.folder import FolderChannel

    return FolderChannel(channel)


_MAKERS: Mapping[str, Callable[[Channel], NoticeChannel]] = {"sftp": _sftp, "s3": _s3, "folder": _folder}
