"""The calendar in force (工作日历): the published one (`exchange_hub.core.calendar`) under the operator's files.

When the State Council publishes or changes a schedule before the library has it, the operator adds a file to the
calendars folder (setting `calendars_dir`, else `calendars` in the state folder). Files are laid over each other in the
order of their names; a later one wins.

    version: "国办发明电〔2026〕7号"      # shown with every deadline
    official_years: [2027]               # the file holds the whole schedule of these years
    days_off: [2027-01-01, 2027-02-05]   # also single days of other years; they win over the library
    make_up_days: [2027-02-14]           # Saturdays and Sundays that are worked
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from exchange_hub.core.calendar import Calendar, published_calendar
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.settings import home, settings

__all__ = ["Calendar", "calendar_in_force", "calendars_folder", "load_calendar", "published_calendar"]
_KEYS = frozenset({"version", "official_years", "days_off", "make_up_days"})
_SATURDAY = 5


def load_calendar(*paths: Path) -> Calendar:
    """The library's data with operators' files over it, the last one uppermost.

    Raises:
        ConfigurationError: a file cannot be read or says what it may not.
    """
    calendar = published_calendar()
    for path in paths:
        calendar = _lay_over(calendar, path)
    return calendar


def calendars_folder() -> Path:
    """Where the operator's files lie, whether or not there is such a folder."""
    return settings().calendars_dir or home() / "calendars"


def calendar_files() -> Sequence[Path]:
    """The operator's files in the order in which they are laid over the library's data."""
    return sorted(path for path in calendars_folder().glob("*.y*ml") if path.is_file())


def calendar_in_force() -> Calendar:
    """The calendar to use now.

    Raises:
        ConfigurationError: a file is wrong; no deadline is computed by half a calendar.
    """
    return _load(tuple((path, path.stat().st_mtime_ns) for path in calendar_files()))


@lru_cache(maxsize=8)
def _load(stamped: tuple[tuple[Path, int], ...]) -> Calendar:
    return load_calendar(*(path for path, _ in stamped))


def _lay_over(below: Calendar, path: Path) -> Calendar:
    try:
        content = path.read_bytes()
        raw = yaml.safe_load(content)
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise _bad_file(path, f"cannot be read ({type(error).__name__})") from error
    if not isinstance(raw, dict) or not set(raw) <= _KEYS or not isinstance(raw.get("version"), str):
        raise _bad_file(path, f"wants a mapping with version and only {', '.join(sorted(_KEYS))}")
    days_off, make_up_days = _days(raw, "days_off", path), _days(raw, "make_up_days", path)
    years = raw.get("official_years") or []
    if not isinstance(years, list) or not all(type(year) is int for year in years):
        raise _bad_file(path, "official_years wants a list of years")
    _must_make_sense(path, frozenset(years), days_off, make_up_days)
    whole = frozenset(years)
    stamp = hashlib.sha256(content).hexdigest()[:8]
    return Calendar(
        f"{below.version} + {raw['version']} (sha256 {stamp})",
        below.official_years | whole,
        _outside(below.days_off, whole) - make_up_days | days_off,
        _outside(below.make_up_days, whole) - days_off | make_up_days,
    )


def _must_make_sense(path: Path, years: frozenset[int], days_off: frozenset[date], made_up: frozenset[date]) -> None:
    if days_off & made_up:
        raise _bad_file(path, f"{min(days_off & made_up)} is both off and made up")
    weekdays = [day for day in made_up if day.weekday() < _SATURDAY]
    if weekdays:
        raise _bad_file(path, f"{min(weekdays)} is made up but is no Saturday or Sunday")
    bare = [year for year in years if not any(day.year == year for day in days_off)]
    if bare:
        raise _bad_file(path, f"{min(bare)} is said to be whole but has no day off")


def _outside(days: frozenset[date], years: frozenset[int]) -> frozenset[date]:
    """Those days that a file which holds these years whole leaves standing."""
    return frozenset(day for day in days if day.year not in years)


def _days(raw: Mapping[str, Any], key: str, path: Path) -> frozenset[date]:
    days = raw.get(key) or []
    if not isinstance(days, list) or not all(type(day) is date for day in days):
        raise _bad_file(path, f"{key} wants a list of dates such as 2027-01-01")
    return frozenset(days)


def _bad_file(path: Path, fault: str) -> ConfigurationError:
    return ConfigurationError(
        "BAD_CALENDAR_FILE",
        f"工作日历文件有误：{path.name}（{fault}）",
        f"calendar file {path.name} {fault}",
        str(path),
    )
