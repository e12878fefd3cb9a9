"""VAL-006: a value (or a part of a list) does not have the exact length."""

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.lengths import length_matters
from validators.rule import Rule
from validators.samples import text_field

RULE = Rule(
    id="VAL-006",
    version=1,
    stage=Stage.VALUES,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”有{length}个字符，不是{exact_length}个",
    message_en='{field} "{value}" has {length} characters, not {exact_length}',
    expected_zh="应恰为{exact_length}个字符{example}",
    legal_source="公共资源交易平台系统数据规范：数据长度",
    fields=lambda candidate, lists: candidate.exact_length is not None and length_matters(candidate, lists),
    passes=lambda sight: sight.each(lambda part: part.str.len_chars() == sight.field.exact_length),
    sample_field=text_field("DOC_NO", exact_length=4, separator=";"),
    passing=({"value": "A001"}, {"value": "A001;标段一二"}, {"value": None}),
    failing=({"value": "A01"}, {"value": "A001;"}, {"value": "A0001"}),
)
