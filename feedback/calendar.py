"""The calendar in force (工作日历): the published one (`exchange_hub.core.calendar`) under an operator's file.

The operator's file serves when the State Council publishes or changes a schedule before the library has it:

    version: "国办发明电〔2026〕7号"      # shown with every deadline
    official_years: [2027]               # the file holds the whole schedule of these years
    days_off: [2027-01-01, 2027-02-05]   # also single days of other years; they win over the library
    make_up_days: [2027-02-14]           # Saturdays and Sundays that are worked
"""

import hashlib
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from exchange_hub.core.calendar import Calendar, published_calendar
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.settings import home

__all__ = ["Calendar", "calendar_file", "calendar_in_force", "load_calendar", "published_calendar"]
_KEYS = frozenset({"version", "official_years", "days_off", "make_up_days"})


def load_calendar(path: Path) -> Calendar:
    """The library's data with an operator's file over it.

    Raises:
        ConfigurationError: the file cannot be read or says what it may not.
    """
    try:
        content = path.read_bytes()
        raw = yaml.safe_load(content)
    except (OSError, yaml.YAMLError) as error:
        raise _bad_file(path, f"cannot be read ({type(error).__name__})") from error
    if not isinstance(raw, dict) or not set(raw) <= _KEYS or not isinstance(raw.get("version"), str):
        raise _bad_file(path, f"wants a mapping with version and only {', '.join(sorted(_KEYS))}")
    days_off, make_up_days = _days(raw, "days_off", path), _days(raw, "make_up_days", path)
    if days_off & make_up_days:
        raise _bad_file(path, "a day is both off and made up")
    years = raw.get("official_years") or []
    if not isinstance(years, list) or not all(type(year) is int for year in years):
        raise _bad_file(path, "official_years wants a list of years")
    stamp = hashlib.sha256(content).hexdigest()[:8]
    name = f"{published_calendar().version} + {raw['version']} (sha256 {stamp})"
    return Calendar(name, frozenset(years), days_off, make_up_days)


def calendar_file() -> Path:
    """Where the operator's file lies: `HUB_CALENDAR_FILE`, else `calendar.yaml` in the state folder."""
    chosen = os.environ.get("HUB_CALENDAR_FILE")
    return Path(chosen) if chosen else home() / "calendar.yaml"


def calendar_in_force() -> Calendar:
    """The calendar to use now: the library's data and the operator's file, where there is one."""
    path = calendar_file()
    if path.is_file():
        return load_calendar(path)
    if os.environ.get("HUB_CALENDAR_FILE"):
        raise _bad_file(path, "does not exist")
    return published_calendar()


def _days(raw: Mapping[str, Any], key: str, path: Path) -> frozenset[date]:
    days = raw.get(key) or []
    if not isinstance(days, list) or not all(type(day) is date for day in days):
        raise _bad_file(path, f"{key} wants a list of dates such as 2027-01-01")
    return frozenset(days)


def _bad_file(path: Path, fault: str) -> ConfigurationError:
    return ConfigurationError(
        "BAD_CALENDAR_FILE", f"工作日日历文件有误：{path.name}", f"calendar file {path.name} {fault}", str(path)
    )
