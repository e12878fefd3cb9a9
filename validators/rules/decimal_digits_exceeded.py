"""VAL-008: a decimal has more digits before or after the point than the contract allows."""

import polars as pl

from contracts.model import Field, FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.parse import DECIMAL_FORM, DECIMAL_PRECISION, DECIMAL_SCALE
from validators.rule import Rule, Sight, on_type
from validators.samples import typed_field


def limits(field: Field) -> tuple[int, int]:
    """Greatest number of digits before and after the point; never more than can be stored."""
    scale = min(DECIMAL_SCALE if field.scale is None else field.scale, DECIMAL_SCALE)
    whole = (field.precision or DECIMAL_PRECISION) - (field.scale or 0)
    return min(whole, DECIMAL_PRECISION - DECIMAL_SCALE), scale


def passes(sight: Sight) -> pl.Expr:
    """Digits are counted as written, zeros included."""
    whole, scale = limits(sight.field)
    form = rf"^-?[0-9]{{1,{whole}}}" + (rf"(\.[0-9]{{1,{scale}}})?$" if scale else "$")
    text = sight.form()
    return pl.when(text.str.contains(DECIMAL_FORM)).then(text.str.contains(form))


RULE = Rule(
    id="VAL-008",
    version=1,
    stage=Stage.VALUES,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”的位数超出规定",
    message_en='{field} "{value}" has too many digits before or after the point',
    expected_zh="总位数不超过{precision}位，其中小数不超过{scale}位{example}",
    legal_source="公共资源交易平台系统数据规范：数据长度",
    fields=on_type(FieldType.DECIMAL),
    passes=passes,
    fixed=True,
    sample_field=typed_field("BID_AMOUNT", FieldType.DECIMAL, precision=20, scale=6),
    passing=({"value": "99999999999999.999999"}, {"value": "-1"}, {"value": None}, {"value": "abc"}),
    failing=({"value": "100000000000000"}, {"value": "1.1234567"}),
)
