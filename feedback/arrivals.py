"""Expected arrivals (到达预期): what a platform should have sent by now, and what came unlike before (Art. 8).

Pure: what was seen comes in, concerns (时效性预警) come out. A platform is late when nothing came for longer than its
exchange frequency and its greatest lag together, silent after three times that. A dataset has stopped when its platform
goes on sending and the dataset has not come for longer than its contract allows and than three of its usual gaps. The
last whole day (Shanghai) is held against the days before it, in records and in the share of rejected ones.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median

from exchange_hub.core.clock import in_shanghai
from exchange_hub.core.platforms import Platform

WINDOW = timedelta(days=28)  # what is usual is learnt from so long
SILENT_AFTER = 3  # times the agreed wait
REGULAR = 5  # arrivals, or days, from which something is usual
MANY = 50  # records of a day from which a day says something
FACTOR = 5.0  # times more or less than usual
BAD_SHARE = 0.1  # share of rejected records from which a jump or a drop is worth a word


class Kind(StrEnum):
    """What is not as expected."""

    LATE = "late"  # 迟报
    SILENT = "silent"  # 长期未报
    STOPPED = "dataset_stopped"  # 数据集中断
    DROP = "volume_drop"  # 数据量骤降
    JUMP = "volume_jump"  # 数据量骤增
    FAULTS_JUMP = "faults_jump"  # 差错率骤升
    FAULTS_DROP = "faults_drop"  # 差错率骤降


@dataclass(frozen=True, slots=True)
class Day:
    """Records that a platform sent on one day, by receipt."""

    day: date
    received: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What came from one platform; arrivals of datasets and days reach back over WINDOW, oldest first."""

    known_since: datetime
    last_received_at: datetime | None
    datasets: Mapping[str, Sequence[datetime]]
    days: Sequence[Day]


@dataclass(frozen=True, slots=True)
class Concern:
    """One timeliness alert (时效性预警). `dataset` is empty where it is about the platform as a whole."""

    kind: Kind
    platform_code: str
    dataset: str
    owner: str  # role and unit that answers for it
    message_zh: str
    message_en: str


Waits = Callable[[str], timedelta]  # of a dataset: frequency and lag together, as its contract says


def concerns(platform: Platform, waits: Waits, seen: Seen, now: datetime) -> list[Concern]:
    """All that is not as expected of one platform at `now`."""
    quiet = _quiet(platform, seen, now)
    return [*quiet, *([] if quiet else _stopped(platform, waits, seen, now)), *_days(platform, seen, now)]


def _quiet(platform: Platform, seen: Seen, now: datetime) -> list[Concern]:
    wait = timedelta(minutes=platform.exchange_minutes + platform.max_lag_minutes)
    last = seen.last_received_at
    gap = now - (last or seen.known_since)
    if gap <= wait:
        return []
    kind = Kind.SILENT if gap > SILENT_AFTER * wait else Kind.LATE
    since_zh = f"最近一次报送为 {in_shanghai(last):%Y-%m-%d %H:%M}" if last else "至今没有报送"
    since_en = f"last sent {in_shanghai(last):%Y-%m-%d %H:%M}" if last else "never sent anything"
    return [
        _concern(
            kind,
            platform,
            "",
            f"{since_zh}，已超过约定的 {_hours(wait)} 小时（交换频率加最大时延）",
            f"{since_en}; {_hours(wait)} h are agreed (frequency and greatest lag)",
        )
    ]


def _stopped(platform: Platform, waits: Waits, seen: Seen, now: datetime) -> list[Concern]:
    found = []
    for dataset, arrivals in sorted(seen.datasets.items()):
        if len(arrivals) < REGULAR:
            continue
        usual = timedelta(seconds=median((b - a).total_seconds() for a, b in pairwise(arrivals)))
        allowed = max(waits(dataset), SILENT_AFTER * usual)
        if now - arrivals[-1] > allowed:
            last = f"{in_shanghai(arrivals[-1]):%Y-%m-%d %H:%M}"
            zh = f"数据集 {dataset} 自 {last} 起没有数据，平时约每 {_hours(usual)} 小时一次"
            en = f"{dataset} has not come since {last}; usually every {_hours(usual)} h"
            found.append(_concern(Kind.STOPPED, platform, dataset, zh, en))
    return found


def _days(platform: Platform, seen: Seen, now: datetime) -> list[Concern]:
    yesterday = in_shanghai(now).date() - timedelta(days=1)
    before = [day for day in seen.days if day.day < yesterday and day.received]
    if len(before) < REGULAR:
        return []
    last = next((day for day in seen.days if day.day == yesterday), Day(yesterday, 0, 0))
    return [*_volume(platform, before, last), *_faults(platform, before, last)]


def _volume(platform: Platform, before: Sequence[Day], last: Day) -> list[Concern]:
    usual = median(day.received for day in before)
    kind = None
    if usual >= MANY and 0 < last.received < usual / FACTOR:
        kind = Kind.DROP
    elif last.received >= MANY and last.received > usual * FACTOR:
        kind = Kind.JUMP
    if kind is None:
        return []
    zh = f"{last.day} 收到 {last.received} 条记录，平时每日约 {usual:.0f} 条"
    return [_concern(kind, platform, "", zh, f"{last.received} records on {last.day}; usually {usual:.0f} a day")]


def _faults(platform: Platform, before: Sequence[Day], last: Day) -> list[Concern]:
    records = sum(day.received for day in before)
    if last.received < MANY or records < MANY:
        return []
    usual, share = sum(day.rejected for day in before) / records, last.rejected / last.received
    kind = None
    if share >= BAD_SHARE and share > usual * FACTOR:
        kind = Kind.FAULTS_JUMP
    elif usual >= BAD_SHARE and share < usual / FACTOR:
        kind = Kind.FAULTS_DROP
    if kind is None:
        return []
    zh = f"{last.day} 退回 {share:.1%}，平时 {usual:.1%}"
    return [_concern(kind, platform, "", zh, f"{share:.1%} rejected on {last.day}; usually {usual:.1%}")]


def _concern(kind: Kind, platform: Platform, dataset: str, zh: str, en: str) -> Concern:
    return Concern(
        kind, platform.code, dataset, platform.contact, f"{platform.name_zh}：{zh}", f"{platform.name_en}: {en}"
    )


def _hours(length: timedelta) -> str:
    return f"{length.total_seconds() / 3600:.4g}"
