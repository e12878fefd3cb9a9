"""TIM-011: publicity starts before it was handed in."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="TIM-011",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.QUERY,
    dimension=Dimension.REASONABLENESS,
    message_zh="公示开始时间（{later}）早于公示提交时间（{earlier}）",
    message_en="publicity starts ({later}) before it is handed in ({earlier})",
    expected_zh="公示开始时间不应早于提交时间",
    legal_source="逻辑顺序",
    roles={"earlier": FieldType.DATETIME, "later": FieldType.DATETIME},
    bindings=({"earlier": "PUBLICITY_REFER_TIME", "later": "PUBLICITY_START_TIME"},),
    at="later",
    passes=lambda sight: sight["earlier"] <= sight["later"],
    passing=(
        {"earlier": "20260105090000", "later": "20260105090000"},
        {"earlier": None, "later": "20260105090000"},
    ),
    failing=({"earlier": "20260106090000", "later": "20260105090000"},),
)
