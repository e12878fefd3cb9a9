"""VAL-007: a text is longer than the contract allows, or an integer has too many digits."""

import polars as pl

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.lengths import length_matters
from validators.parse import INTEGER_FORM
from validators.rule import Rule, Sight
from validators.samples import text_field


def passes(sight: Sight) -> pl.Expr:
    """Characters of the value or of each part; digits of an integer."""
    limit = sight.field.max_length
    if sight.field.type is FieldType.INTEGER:
        text = sight.form()
        digits = text.str.strip_prefix("-").str.len_chars()
        return pl.when(text.str.contains(INTEGER_FORM)).then(digits <= limit)
    return sight.each(lambda part: part.str.len_chars() <= limit)


RULE = Rule(
    id="VAL-007",
    version=1,
    stage=Stage.VALUES,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}有{length}个字符，超过{max_length}个：“{value}”",
    message_en='{field} has {length} characters, more than {max_length}: "{value}"',
    expected_zh="不应超过{max_length}个字符（按字计，不按字节）{example}",
    legal_source="公共资源交易平台系统数据规范：数据长度",
    fields=lambda candidate, lists: candidate.max_length is not None and length_matters(candidate, lists),
    passes=passes,
    sample_field=text_field("PROJECT_NAME", max_length=4),
    passing=({"value": "大桥工程"}, {"value": "桥"}, {"value": None}),
    failing=({"value": "大桥工程一"},),
)
