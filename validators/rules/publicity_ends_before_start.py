"""TIM-004: the publicity of candidates ends before it starts."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="TIM-004",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.REJECT,
    dimension=Dimension.REASONABLENESS,
    message_zh="公示结束时间（{end}）早于开始时间（{start}）",
    message_en="publicity ends ({end}) before it starts ({start})",
    expected_zh="公示结束时间不应早于公示开始时间",
    legal_source="逻辑顺序；招标投标法实施条例第54条",
    roles={"start": FieldType.DATETIME, "end": FieldType.DATETIME},
    bindings=({"start": "PUBLICITY_START_TIME", "end": "PUBLICITY_END_TIME"},),
    at="end",
    passes=lambda sight: sight["start"] <= sight["end"],
    passing=({"start": "20260105090000", "end": "20260105090000"}, {"start": "20260105090000", "end": None}),
    failing=({"start": "20260108090000", "end": "20260105090000"},),
)
