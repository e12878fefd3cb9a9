"""What the delivery channels share: the parcel, the proof, names and how a failure is told.

A channel has one method, `send(parcel, since, now)`. Sending the same parcel again after a crash never makes a second
notice: files of the same name and bytes are found lying there, a mail keeps its Message-ID.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from exchange_hub.core.errors import ConfigurationError, DeliveryError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


@dataclass(frozen=True, slots=True)
class Enclosure:
    """One file of a parcel."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Lower-case hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes out together: a notice with its files (the letter first), or a reminder."""

    reference: str  # unique: a parcel of the same reference is the same parcel
    subject: str
    text: str
    files: tuple[Enclosure, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a parcel.

    `received_at` is when it entered a system that the platform designated; None where sending proves no receipt (a
    relayed mail, a notice that waits in the portal).
    """

    evidence: str
    received_at: datetime | None
    kind: str = "inbox"


class NoticeChannel(Protocol):
    """A way to a platform."""

    def send(self, parcel: Parcel, since: datetime, now: datetime) -> Sent:
        """Send a parcel, or find that it was sent before.

        Args:
            since: when the first attempt by this channel began; receipt cannot be earlier.
            now: the instant of this attempt.

        Raises:
            DeliveryError: it is not certain that it arrived; send again.
        """
        ...


def safe_name(name: str) -> str:
    """The name itself, if it is a plain file name.

    Raises:
        ConfigurationError: it could lead out of the inbox.
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError("BAD_NOTICE_NAME", "通知文件名不合规", "not a plain file name", name)
    return name


def proof(
    address: str, files: Sequence[Enclosure], arrived: Sequence[datetime], since: datetime, now: datetime
) -> Sent:
    """The proof of files that lie in an inbox: address, size and hash of the letter; received when the last arrived.

    Args:
        arrived: when each file arrived, by the other side's clock, which is believed only between `since` and `now`.
    """
    letter = files[0]
    evidence = f"{address} sha256:{letter.sha256} {len(letter.content)} bytes, {len(files)} files"
    return Sent(evidence, min(max(*arrived, since), now))


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
