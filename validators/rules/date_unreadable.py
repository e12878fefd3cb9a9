"""VAL-004: a date field does not hold a day that exists, written yyyyMMdd."""

import polars as pl

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.hints import of_moment
from validators.parse import as_date
from validators.rule import Rule, Sight, on_type
from validators.samples import typed_field


def passes(sight: Sight) -> pl.Expr:
    """It can be read as a day."""
    return sight.form().is_null() | as_date(sight.form()).is_not_null()


RULE = Rule(
    id="VAL-004",
    version=1,
    stage=Stage.VALUES,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”不是有效的日期",
    message_en='{field} "{value}" is not a day written yyyyMMdd',
    expected_zh="应为8位数字 yyyyMMdd，如 20260105",
    legal_source="公共资源交易平台系统数据规范：数据格式",
    fields=on_type(FieldType.DATE),
    passes=passes,
    fixed=True,
    hint_zh=of_moment,
    sample_field=typed_field("BEGIN_DATE", FieldType.DATE),
    passing=({"value": "20260105"}, {"value": "20240229"}, {"value": None}),
    failing=({"value": "20260229"}, {"value": "2026-1-5"}, {"value": "20261301"}, {"value": "2026010"}),
)
