"""The countdown of a notice in working days: green, amber, red (Art. 10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from exchange_hub.core.clock import in_shanghai
from feedback.calendar import calendar_in_force
from feedback.wording import day_zh


@dataclass(frozen=True, slots=True)
class Countdown:
    """What is left of a notice's five working days. `colour` is green, amber, red or grey."""

    colour: str
    zh: str
    due: str = ""
    provisional: bool = False


def countdown(row: Mapping[str, Any], now: datetime) -> Countdown:
    """The countdown of a row of audit.notice."""
    if row["state"] == "closed":
        return Countdown("grey", "已办结")
    if row["due_at"] is None:
        return Countdown("grey", "尚未计时", "未取得送达凭据")
    due, provisional = f"截止 {day_zh(row['due_date'])}", bool(row["provisional"])
    if row["state"] == "answered":
        return Countdown("grey", "已答复待决", due, provisional)
    if now >= row["due_at"]:
        return Countdown("red", "已逾期", due, provisional)
    left = _working_days_left(row, now)
    if left <= 1:
        return Countdown(
            "red" if left == 0 else "amber", "今日截止" if left == 0 else "剩 1 个工作日", due, provisional
        )
    return Countdown("amber" if left == 2 else "green", f"剩 {left} 个工作日", due, provisional)


def _working_days_left(row: Mapping[str, Any], now: datetime) -> int:
    """Working days after today up to the due date."""
    today, due = in_shanghai(now).date(), row["due_date"]
    if days := row.get("counted_days"):
        return sum(day > today for day in days)
    calendar = calendar_in_force()
    return sum(calendar.is_workday(today + timedelta(days=n)) for n in range(1, (due - today).days + 1))
