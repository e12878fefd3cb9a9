"""The bulletin of a month: counted by the warehouse, put together for one reader (通报, Art. 7, 9, 11)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import psycopg

from contracts.loader import load_release
from contracts.wording import DOMAINS
from exchange_hub.core.clock import SHANGHAI, in_shanghai
from exchange_hub.core.errors import UsageError
from exchange_hub.core.platforms import Platform
from exchange_hub.flows.context import Hub
from feedback.bulletin import COUNTS, NOTHING, Bulletin, Line, Month, Ratio
from warehouse import bulletin as asked
from warehouse.bulletin import Question

# What a measure needs besides the counts shown.
COUNTED = (
    "incomplete", "inaccurate", "first", "first_accepted", "timed", "in_time", "repaired", "revoked_items"
)  # fmt: skip
TREND_MONTHS = 6  # the bulletin's month and those before it


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose bulletin it is: the platforms within reach, and the trades (empty: all)."""

    scope_zh: str
    platforms: tuple[str, ...]
    trades: tuple[str, ...] = ()


@dataclass(slots=True)
class _Sent:
    """What one platform sent in one month."""

    numbers: dict[str, int] = field(default_factory=dict)
    datasets: set[str] = field(default_factory=set)  # of which something was accepted
    release: str | None = None

    def add(self, row: Mapping[str, Any]) -> None:
        """Add the numbers of a row."""
        for key, value in row.items():
            if isinstance(value, int):
                self.numbers[key] = self.numbers.get(key, 0) + value


_AllSent = dict[tuple[date, str], _Sent]  # by month and platform


def parse_month(text: str) -> date:
    """The first day of a month written as 2026-11.

    Raises:
        UsageError: not a month.
    """
    if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", text):
        raise UsageError(
            "BAD_MONTH", f"无法识别的月份：{text[:20]}；应如 2026-11", "not a month; write it like 2026-11"
        )
    return date.fromisoformat(f"{text}-01")


def everything(hub: Hub, region: str = "", trades: Iterable[str] = (), platforms: Iterable[str] = ()) -> Reader:
    """A reader with the whole hub in reach, narrowed by choice.

    Raises:
        UsageError: no such trade or platform.
    """
    chosen, wanted = tuple(trades), tuple(platforms)
    for trade in chosen:
        if trade not in DOMAINS or not trade:
            known = "、".join(name for name in DOMAINS if name)
            raise UsageError(
                "UNKNOWN_TRADE", f"没有交易类别 {trade}；可用：{known}", f"no trade {trade}; known: {known}"
            )
    for code in wanted:
        hub.platform(code)
    codes = [
        code
        for code, card in hub.platforms.items()
        if card.region.startswith(region) and (not wanted or code in wanted)
    ]
    scope = "、".join(hub.platform(code).name_zh for code in wanted) or (f"行政区划 {region}" if region else "全部平台")
    return Reader(scope, tuple(codes), chosen)


def make_bulletin(hub: Hub, month: date, as_of: datetime, reader: Reader) -> Bulletin:
    """The bulletin of a month as known at `as_of`. The same arguments give the same bulletin at any later time.

    Raises:
        UsageError: the month had not begun at that instant.
    """
    begins = _midnight(month)
    if as_of < begins:
        raise UsageError("MONTH_NOT_BEGUN", "截止时点早于该月", "the cut-off lies before the month")
    months = [_earlier(month, back) for back in reversed(range(TREND_MONTHS))]
    trades = reader.trades or None
    question = Question(_midnight(months[0]), _midnight(_earlier(month, -1)), as_of, reader.platforms, trades)
    cards = sorted((hub.platforms[code] for code in reader.platforms), key=lambda card: card.code)
    with hub.database() as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        sent = _ask(conn, question, {card.code: card.max_lag_minutes for card in cards})
        offered = asked.offered(conn)
        first = asked.first_sent(conn, question)
    shown = [card for card in cards if _shown(card, month, sent)]
    joined = {code: _month_of(instant) for code, instant in first.items()}
    lines = tuple(_line(card, (months, joined.get(card.code)), sent, offered, reader.trades) for card in shown)
    return Bulletin(month, in_shanghai(as_of), reader.scope_zh, reader.trades, lines)


def _ask(
    conn: psycopg.Connection, question: Question, platform_lags: Mapping[str, int]
) -> dict[tuple[date, str], _Sent]:
    sent: dict[tuple[date, str], _Sent] = {}
    lags = {pair: _lag(*pair) for pair in asked.carried(conn, question)}
    items = [{("revoked_items" if k == "revoked" else k): v for k, v in r.items()} for r in asked.items(conn, question)]
    rows = (
        *asked.batches(conn, question),
        *asked.records(conn, question),
        *items,
        *asked.arrivals(conn, question, lags, platform_lags),
    )
    for row in rows:
        entry = sent.setdefault((row["month"], row["platform_code"]), _Sent())
        entry.add(row)
        entry.release = row.get("release") or entry.release
        if row.get("accepted"):
            entry.datasets.add(row["dataset"])
    return sent


def _lag(dataset: str, release: str) -> int | None:
    return load_release(release).datasets[dataset].max_lag_minutes


def _shown(card: Platform, month: date, sent: _AllSent) -> bool:
    """Platforms at work, and those that were when the month was."""
    return card.enabled or (month, card.code) in sent


def _line(
    card: Platform,
    time: tuple[Iterable[date], date | None],
    sent: _AllSent,
    offered: Mapping[tuple[str, str], Mapping[str, str]],
    trades: tuple[str, ...],
) -> Line:
    months, joined = time  # the months of the trend, and the one of its first batch
    own = [trade for trade in card.trades if not trades or trade in trades]
    made, release, due = [], card.contract_version, {}
    for month in months:
        entry = sent.get((month, card.code), _Sent())
        release = entry.release or card.contract_version
        due = {name: zh for trade in own for name, zh in offered.get((release, trade), {}).items()}
        made.append(_month(month, entry, due if joined and joined <= month else {}))
    sent_now = sent.get((made[-1].month, card.code), _Sent()).datasets
    missing = {name: zh for name, zh in sorted(due.items()) if name not in sent_now}
    return Line(card.code, card.name_zh, card.region, release, tuple(made), missing)


def _month(month: date, entry: _Sent, due: Mapping[str, str]) -> Month:
    n = dict.fromkeys((*(key for key, _, _ in COUNTS), *COUNTED), 0) | entry.numbers
    decided = n["accepted"] + n["rejected"]
    counts = {key: n[key] for key, _, _ in COUNTS} | {"held": n["received"] - decided}
    ratios = {
        "completeness": Ratio(decided - n["incomplete"], decided),
        "accuracy": Ratio(decided - n["inaccurate"], decided),
        "timeliness": Ratio(n["in_time"], n["timed"]),
        "coverage": Ratio(len(entry.datasets & set(due)), len(due)) if due else NOTHING,
        "repair": Ratio(n["repaired"], n["items"] - n["revoked_items"]),
        "first_pass": Ratio(n["first_accepted"], n["first"]),
    }
    return Month(month, ratios, counts)


def _month_of(instant: datetime) -> date:
    return in_shanghai(instant).date().replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def _earlier(month: date, back: int) -> date:
    """The first day of the month that lies `back` months before (negative: after)."""
    number = month.year * 12 + month.month - 1 - back
    return date(number // 12, number % 12 + 1, 1)
