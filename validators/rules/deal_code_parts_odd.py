"""IDN-018: the date or the credit code inside a unified trading identifier is none."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.identifiers import DEAL_FORM, matches, uscc
from validators.parse import as_date
from validators.rule import Rule, on_identifier
from validators.samples import text_field


def _sound(part: pl.Expr) -> pl.Expr:
    """Of well-formed identifiers only: form is another rule's."""
    sound = as_date(part.str.slice(23, 8)).is_not_null() & uscc(part.str.slice(4, 18))
    return pl.when(matches(part, DEAL_FORM)).then(sound)


RULE = Rule(
    id="IDN-018",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”中的日期或平台统一社会信用代码有误",
    message_en='the date or the credit code inside {field} "{value}" is wrong',
    expected_zh="第5-22位应为发码平台的统一社会信用代码（校验位正确），第24-31位应为存在的日期 yyyyMMdd",
    legal_source="公共资源交易平台系统数据规范：统一交易标识码；GB 32100-2015",
    fields=on_identifier("unified_deal_code"),
    passes=lambda sight: sight.each(_sound),
    sample_field=text_field("UNIFIED_DEAL_CODE", identifier="unified_deal_code"),
    passing=(
        {"value": "A01-91350100M000100Y43-20210525-000012-T"},
        {"value": "not a code"},
        {"value": None},
    ),
    failing=(
        {"value": "A01-91350100M000100Y43-20210230-000012-T"},
        {"value": "A01-91350100M000100Y44-20210525-000012-T"},
    ),
)
