"""VAL-005: a yes/no field is neither 0 nor 1."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.hints import of_boolean
from validators.rule import Rule, on_type
from validators.samples import typed_field

RULE = Rule(
    id="VAL-005",
    version=1,
    stage=Stage.VALUES,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”不是 0 或 1",
    message_en='{field} "{value}" is neither 0 nor 1',
    expected_zh="应为 0（否）或 1（是）",
    legal_source="公共资源交易平台系统数据规范：数据格式",
    fields=on_type(FieldType.BOOLEAN),
    passes=lambda sight: sight.form().is_in(["0", "1"]),
    fixed=True,
    hint_zh=of_boolean,
    sample_field=typed_field("IS_TO_LAW", FieldType.BOOLEAN),
    passing=({"value": "0"}, {"value": "1"}, {"value": None}),
    failing=({"value": "是"}, {"value": "true"}, {"value": "2"}, {"value": "１"}),
)
