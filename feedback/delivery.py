"""The channels by which a platform gets its notices (送达渠道)."""

from collections.abc import Callable, Mapping

from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.platforms import Channel
from feedback.channels.base import NoticeChannel


def open_channel(channel: Channel) -> NoticeChannel:
    """The channel as it is written on a platform's card (kinds sftp, s3, folder, email, portal).

    Raises:
        ConfigurationError: an unknown kind, or a connection that is not configured.
    """
    maker = _MAKERS.get(channel.kind)
    if maker is None:
        raise ConfigurationError(
            "UNKNOWN_CHANNEL", f"不支持的送达方式：{channel.kind}", f"no delivery channel of kind {channel.kind}"
        )
    return maker(channel)


def _sftp(channel: Channel) -> NoticeChannel:
    from feedback.channels.sftp import SftpChannel

    return SftpChannel(channel)


def _s3(channel: Channel) -> NoticeChannel:
    from feedback.channels.s3 import S3Channel

    return S3Channel(channel)


def _folder(channel: Channel) -> NoticeChannel:
    from feedback.channels.folder import FolderChannel

    return FolderChannel(channel)


def _email(channel: Channel) -> NoticeChannel:
    from feedback.channels.email import EmailChannel

    return EmailChannel(channel)


def _portal(channel: Channel) -> NoticeChannel:
    from feedback.channels.portal import PortalChannel

    return PortalChannel(channel)


_MAKERS: Mapping[str, Callable[[Channel], NoticeChannel]] = {
    "sftp": _sftp,
    "s3": _s3,
    "folder": _folder,
    "email": _email,
    "portal": _portal,
}
