"""VAL-003: a date-time field does not hold a moment that exists, written yyyyMMddHHmmss."""

import polars as pl

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.hints import of_moment
from validators.parse import as_datetime
from validators.rule import Rule, Sight, on_type
from validators.samples import typed_field


def passes(sight: Sight) -> pl.Expr:
    """It can be read as a moment, Beijing time."""
    return sight.form().is_null() | as_datetime(sight.form()).is_not_null()


RULE = Rule(
    id="VAL-003",
    version=1,
    stage=Stage.VALUES,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”不是有效的时间",
    message_en='{field} "{value}" is not a moment written yyyyMMddHHmmss',
    expected_zh="应为14位数字 yyyyMMddHHmmss 的北京时间，如 20260105093000",
    legal_source="公共资源交易平台系统数据规范：数据格式",
    fields=on_type(FieldType.DATETIME),
    passes=passes,
    fixed=True,
    hint_zh=of_moment,
    sample_field=typed_field("CREATE_TIME", FieldType.DATETIME),
    passing=({"value": "20260105093000"}, {"value": "20240229235959"}, {"value": None}),
    failing=(
        {"value": "20260230093000"},
        {"value": "2026010509300"},
        {"value": "2026-01-05 09:30:00"},
        {"value": " 20260105093000"},
        {"value": "20260105093060"},
        {"value": "20260105240000"},
        {"value": "00010105093000"},
    ),
)
