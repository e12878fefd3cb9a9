"""AMT-004: points of an evaluation are negative."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import VALUE, Rule
from validators.samples import typed_field

RULE = Rule(
    id="AMT-004",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.QUERY,
    dimension=Dimension.REASONABLENESS,
    message_zh="{label}为负数：{value}",
    message_en="{field} is negative: {value}",
    expected_zh="评分不应为负数，请核对",
    legal_source="逻辑",
    fields=lambda candidate, _: candidate.type is FieldType.DECIMAL and candidate.name.endswith("_POINTS"),
    named_as="points",
    passes=lambda sight: sight[VALUE] >= 0,
    sample_field=typed_field("PRICE_POINTS", FieldType.DECIMAL),
    passing=(
        {"value": "0"},
        {"value": "35.5"},
        {"value": None},
    ),
    failing=({"value": "-1"},),
)
