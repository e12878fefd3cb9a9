"""A line that trickles is given up: it would hold a worker for hours, and those whom that worker should serve."""

from collections.abc import Callable
from datetime import datetime, timedelta

from exchange_hub.core.errors import ServiceError
from exchange_hub.core.platforms import Platform

TOO_SLOW = "TRANSPORT_TOO_SLOW"
WINDOW = timedelta(seconds=60)


class Pace:
    """How fast it came in the last window of time."""

    def __init__(self, platform: Platform, slowest: int, now: Callable[[], datetime]) -> None:
        """`slowest` is in bytes a second, over a window or more; 0: as slow as it likes."""
        self._platform, self._slowest, self._now = platform, slowest, now
        self._since, self._bytes = now(), 0

    def came(self, size: int) -> None:
        """So many bytes came.

        Raises:
            ServiceError: too few did since the window began.
        """
        self._bytes += size
        now = self._now()
        if now - self._since < WINDOW:
            return
        pace = self._bytes / (now - self._since).total_seconds()
        if pace < self._slowest:
            raise self._too_slow(pace)
        self._since, self._bytes = now, 0

    def _too_slow(self, pace: float) -> ServiceError:
        return ServiceError(
            TOO_SLOW,
            f"{self._platform.name_zh}的传输通道过慢（{pace:.0f} 字节/秒），已放弃，留待以后",
            f"the channel of {self._platform.name_en} is too slow ({pace:.0f} bytes/s); left for later",
            self._platform.code,
        )
