"""When a platform's channel is left alone (断路): decided from its history and the instant, nothing else.

After three failures in a row the channel is open: it rests, and every attempt is spared. When its rest is over the next
look is the probe: if that fails it rests twice as long, up to an hour; if it works the channel is closed again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

OPENS_AFTER = 3  # failures in a row
LONGEST_REST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Health:
    """What is remembered of one channel."""

    failures: int = 0  # in a row
    failed_at: datetime | None = None  # last
    error_zh: str = ""  # of the last failure, while it stands
    error_en: str = ""
    rests_until: datetime | None = None  # None: closed
    worked_at: datetime | None = None  # last

    @property
    def is_open(self) -> bool:
        """Whether it is left alone, or only probed."""
        return self.failures >= OPENS_AFTER

    def rests(self, now: datetime) -> bool:
        """Whether it is not even to be probed."""
        return self.rests_until is not None and now < self.rests_until


def after_failure(health: Health, error: tuple[str, str], now: datetime, first_rest: timedelta) -> Health:
    """The channel failed at `now`; what fails while it rests was begun before and does not count.

    Args:
        error: what went wrong, in Chinese and in English.
        first_rest: how long it rests after the third failure.
    """
    failures = health.failures if health.rests(now) else health.failures + 1
    until = health.rests_until
    if failures >= OPENS_AFTER and not health.rests(now):
        until = now + min(LONGEST_REST, first_rest * 2 ** min(failures - OPENS_AFTER, 16))
    return Health(failures, now, *error, until, health.worked_at)


def after_success(now: datetime) -> Health:
    """The channel worked at `now`: whatever was before is over."""
    return Health(worked_at=now)
