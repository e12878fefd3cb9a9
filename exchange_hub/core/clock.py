"""Time: the zone of the exchange, parsing and writing of instants.

No logic asks for the time by itself. Entry points (command line, DAG tasks, HTTP handlers) call
`system_now` once and pass the instant on.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from exchange_hub.core.errors import UsageError

SHANGHAI = ZoneInfo("Asia/Shanghai")


def system_now() -> datetime:
    """The instant now, in Asia/Shanghai. For entry points only."""
    return datetime.now(tz=UTC).astimezone(SHANGHAI)


def in_shanghai(instant: datetime) -> datetime:
    """The same instant written in Asia/Shanghai.

    Raises:
        ValueError: the instant carries no zone.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant without a zone")
    return instant.astimezone(SHANGHAI)


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant as a person types it; without a zone it is Beijing time.

    Raises:
        UsageError: not an instant.
    """
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(
            "BAD_TIMESTAMP",
            f"无法识别的时间：{text}；应如 2026-11-23T10:15:00+08:00",
            f"not a timestamp: {text}; write it like 2026-11-23T10:15:00+08:00",
        ) from error
    if value.tzinfo is None:
        value = value.replace(tzinfo=SHANGHAI)
    return value.astimezone(SHANGHAI)


def iso(instant: datetime) -> str:
    """ISO 8601 in Asia/Shanghai, to the second."""
    return in_shanghai(instant).isoformat(timespec="seconds")


def end_of_day(instant: datetime) -> datetime:
    """Midnight that ends the Shanghai day of `instant` (exclusive bound, "24:00")."""
    local = in_shanghai(instant)
    start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return start + timedelta(days=1)
