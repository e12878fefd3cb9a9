"""VAL-002: a decimal field does not hold a plain decimal number."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.hints import of_number
from validators.parse import DECIMAL_FORM
from validators.rule import Rule, on_type
from validators.samples import typed_field

RULE = Rule(
    id="VAL-002",
    version=1,
    stage=Stage.VALUES,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”不是数字",
    message_en='{field} "{value}" is not a number',
    expected_zh="应为数字，不含千分号、单位和科学计数法{example}",
    legal_source="公共资源交易平台系统数据规范：数据格式",
    fields=on_type(FieldType.DECIMAL),
    passes=lambda sight: sight.form().str.contains(DECIMAL_FORM),
    fixed=True,
    hint_zh=of_number,
    sample_field=typed_field("BID_AMOUNT", FieldType.DECIMAL),
    passing=({"value": "1234567.89"}, {"value": "0"}, {"value": "-0.5"}, {"value": None}),
    failing=({"value": "1,234"}, {"value": "1e2"}, {"value": "nan"}, {"value": "+1"}, {"value": ".5"}, {"value": "5."}),
)
