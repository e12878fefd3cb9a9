"""VAL-017: a code that was not valid on the day of the event."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from contracts.model import Code, CodeList, Field, ListState
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, Sight
from validators.samples import text_field

_SAMPLE = CodeList(
    "KIND",
    "KIND",
    ListState.CLOSED,
    (
        Code("1", "always"),
        Code("2", "since 2020", since=date(2020, 1, 1)),
        Code("3", "until 2025", until=date(2025, 12, 31)),
    ),
    None,
    "example",
    "high",
)


def passes(sight: Sight) -> pl.Expr:
    """The event lies within the dates of the code, both days included."""
    codes = [] if sight.code_list is None else sight.code_list.codes
    dated = [code for code in codes if code.since is not None or code.until is not None]
    late = [(sight.form() == code.code) & ~_within(sight.day, code) for code in dated]
    return ~pl.any_horizontal(late) if late else pl.lit(True)


def _within(day: pl.Expr, code: Code) -> pl.Expr:
    return day.is_between(code.since or date.min, code.until or date.max)


def _applies(candidate: Field, lists: Mapping[str, CodeList]) -> bool:
    found = lists.get(candidate.code_list or "")
    return found is not None and candidate.separator is None and any(code.since or code.until for code in found.codes)


RULE = Rule(
    id="VAL-017",
    version=1,
    stage=Stage.VALUES,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”在事件发生之日不在有效期内",
    message_en='{field} "{value}" was not a valid code on the day of the event',
    expected_zh="应为事件发生之日有效的代码：{codes}",
    legal_source="公共资源交易平台系统数据规范：代码集",
    fields=_applies,
    passes=passes,
    sample_field=text_field("KIND", code_list="KIND"),
    sample_lists={"KIND": _SAMPLE},
    passing=(
        {"value": "1"},
        {"value": "2"},
        {"value": None},
        {"value": "unknown"},
    ),
    failing=({"value": "3"},),
)
