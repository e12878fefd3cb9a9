"""Notices that wait in the portal: received when a user of the platform opens or acknowledges them."""

from datetime import datetime

from exchange_hub.core.platforms import Channel
from feedback.channels.base import Parcel, Sent


class PortalChannel:
    """Nothing is sent; the portal shows every notice of a platform to its users."""

    def __init__(self, channel: Channel) -> None:
        self._options = channel.options

    def send(self, parcel: Parcel, since: datetime, now: datetime) -> Sent:
        """The notice waits; that is no receipt yet."""
        return Sent(f"waits in the portal as {parcel.reference}", None)
