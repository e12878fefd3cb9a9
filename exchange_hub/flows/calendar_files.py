"""A calendar file handed in by an office (国务院办公厅放假安排): tried first, then added, open notices recomputed."""

import hashlib
import os
from dataclasses import dataclass
from datetime import date, datetime

from exchange_hub.core.clock import in_shanghai
from exchange_hub.core.errors import UsageError
from exchange_hub.core.scratch import scratch_folder
from exchange_hub.flows.calendars import Moved, preview, recompute
from exchange_hub.flows.context import Hub
from feedback.calendar import calendar_files, calendars_folder, load_calendar

MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Trial:
    """What a file would do: the calendar's version with it, what it says, and the deadlines that it would move."""

    version: str
    official_years: tuple[int, ...]
    days_off: tuple[date, ...]
    make_up_days: tuple[date, ...]
    moved: tuple[Moved, ...]


def try_file(hub: Hub, content: bytes) -> Trial:
    """What a calendar file would change, were it added; nothing is stored.

    Raises:
        ConfigurationError: the file is wrong.
        UsageError: it is empty, too large, or added already.
    """
    if not content.strip() or len(content) > MOST_BYTES:
        zh = f"日历文件为空或超过 {MOST_BYTES // 1024} KiB"
        raise UsageError("BAD_SIZE", zh, f"the calendar file is empty or over {MOST_BYTES // 1024} KiB")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError("NOT_UTF8", "日历文件有误：应为 UTF-8 编码", "the calendar file is not UTF-8") from error
    if any(path.read_bytes() == content for path in calendar_files()):
        raise UsageError("ALREADY_ADDED", "该日历文件已经启用", "this calendar file is in force already")
    with scratch_folder("calendar") as folder:
        path = folder / "calendar.yaml"
        path.write_bytes(content)
        alone = load_calendar(path)
        return Trial(
            load_calendar(*calendar_files(), path).version,
            tuple(sorted(alone.official_years)),
            tuple(sorted(alone.days_off)),
            tuple(sorted(alone.make_up_days)),
            tuple(preview(hub, path)),
        )


def add_file(hub: Hub, content: bytes, now: datetime) -> list[Moved]:
    """Add a calendar file over those in force and recompute open notices, each change a new row with its reason.

    The file appears whole or not at all. Where the recomputation is cut short, the daily run does it again.

    Raises:
        ConfigurationError: the file is wrong.
        UsageError: it is empty, too large, or added already.
    """
    try_file(hub, content)
    folder = calendars_folder()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / _name(content, now)
    part = target.with_suffix(".part")
    part.write_bytes(content)
    os.replace(part, target)
    return recompute(hub, now)


def _name(content: bytes, now: datetime) -> str:
    """A name that comes after all others, since the last file is the uppermost."""
    own = f"portal-{in_shanghai(now):%Y%m%d%H%M%S}-{hashlib.sha256(content).hexdigest()[:8]}"
    last = max((path.stem for path in calendar_files()), default="")
    return f"{own if own > last else f'{last}~{own}'}.yaml"
