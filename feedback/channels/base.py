"""What the delivery channels share: names, sizes and how a failure is told."""

import re
from typing import BinaryIO

from exchange_hub.core.errors import ConfigurationError, DeliveryError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


def safe_name(name: str) -> str:
    """The name itself, if it is a plain file name.

    Raises:
        ConfigurationError: it could lead out of the inbox.
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError("BAD_NOTICE_NAME", "通知文件名不合规", "not a plain file name", name)
    return name


def size_of(content: BinaryIO) -> int:
    """Bytes of a seekable stream, which is left at its beginning."""
    size = content.seek(0, 2)
    content.seek(0)
    return size


def not_delivered(channel: str, where: str, error: Exception) -> DeliveryError:
    """The failure, without credentials or request signature: what kind of error, and where."""
    reason = getattr(error, "code", None) or getattr(error, "strerror", None) or type(error).__name__
    return DeliveryError(
        "NOT_DELIVERED",
        f"通知未能送达（{channel}）",
        f"the notice could not be delivered through {channel}: {reason}",
        where,
    )


def must_have_arrived(channel: str, where: str, wanted: int, found: int | None) -> None:
    """Compare sizes after delivery.

    Raises:
        DeliveryError: another number of bytes lies there.
    """
    if found != wanted:
        raise DeliveryError(
            "NOT_DELIVERED",
            f"通知送达后大小不符（{channel}）：应为 {wanted} 字节，实为 {found} 字节",
            f"after delivery {found} bytes lie there, not {wanted}",
            where,
        )
