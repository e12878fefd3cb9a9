"""TIM-029: a listing ends no later than it starts."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="TIM-029",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.REJECT,
    dimension=Dimension.REASONABLENESS,
    message_zh="挂牌截止时间（{end}）不晚于挂牌开始时间（{start}）",
    message_en="the listing ends ({end}) no later than it starts ({start})",
    expected_zh="挂牌截止时间应晚于挂牌开始时间",
    legal_source="逻辑顺序；国土资源部39号令第18条",
    roles={"start": FieldType.DATETIME, "end": FieldType.DATETIME},
    bindings=({"start": "LISTING_START_TIME", "end": "LISTING_DEADLINE"},),
    at="end",
    passes=lambda sight: sight["start"] < sight["end"],
    passing=(
        {"start": "20260302090000", "end": "20260312090000"},
        {"start": "20260302090000", "end": None},
    ),
    failing=({"start": "20260302090000", "end": "20260302090000"},),
)
