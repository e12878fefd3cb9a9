"""TIM-001: the issue of tender documents ends before (or when) it starts."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="TIM-001",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.REJECT,
    dimension=Dimension.REASONABLENESS,
    message_zh="文件获取截止时间（{end}）不晚于开始时间（{start}）",
    message_en="the issue of documents ends ({end}) no later than it starts ({start})",
    expected_zh="文件获取截止时间应晚于开始时间",
    legal_source="逻辑顺序；招标投标法实施条例第16条",
    roles={"start": FieldType.DATETIME, "end": FieldType.DATETIME},
    bindings=({"start": "DOC_GET_START_TIME", "end": "DOC_GET_END_TIME"},),
    at="end",
    passes=lambda sight: sight["start"] < sight["end"],
    passing=({"start": "20260105090000", "end": "20260105090001"}, {"start": "20260105090000", "end": None}),
    failing=(
        {"start": "20260105090000", "end": "20260105090000"},
        {"start": "20260112090000", "end": "20260105170000"},
    ),
)
