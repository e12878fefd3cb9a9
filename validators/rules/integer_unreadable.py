"""VAL-001: an integer field does not hold an integer."""

import polars as pl

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.hints import of_number
from validators.parse import INTEGER_FORM, as_integer
from validators.rule import Rule, Sight, on_type
from validators.samples import typed_field


def passes(sight: Sight) -> pl.Expr:
    """Digits only, and small enough to be stored (64 bits)."""
    text = sight.form()
    return text.str.contains(INTEGER_FORM) & (as_integer(text).is_not_null() | text.is_null())


RULE = Rule(
    id="VAL-001",
    version=1,
    stage=Stage.VALUES,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”不是整数",
    message_en='{field} "{value}" is not an integer',
    expected_zh="应为整数，只含半角数字{example}",
    legal_source="公共资源交易平台系统数据规范：数据格式",
    fields=on_type(FieldType.INTEGER),
    passes=passes,
    fixed=True,
    hint_zh=of_number,
    sample_field=typed_field("LIMITE_TIME", FieldType.INTEGER),
    passing=({"value": "365"}, {"value": "-1"}, {"value": "007"}, {"value": None}, {"value": ""}),
    failing=(
        {"value": "12.5"},
        {"value": "１２"},
        {"value": "1e2"},
        {"value": "+1"},
        {"value": "99999999999999999999"},
    ),
)
