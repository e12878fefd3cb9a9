"""TIM-028: a land notice comes 19 days before the listing: 20 only if the first day counts (RSN-LAND-001)."""

from datetime import date

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

SHORTEST = 20  # days


RULE = Rule(
    id="TIM-028",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.QUERY,
    dimension=Dimension.LEGALITY,
    message_zh="公告发布（{start}）距挂牌开始（{end}）为19日（不含首日）",
    message_en="the notice ({start}) comes 19 days before the listing starts ({end}), the first not counted",
    expected_zh="应在挂牌开始日前至少20日发布公告，首日不计入；请核对两处日期",
    legal_source="招标拍卖挂牌出让国有建设用地使用权规定（国土资源部39号令）第8条；民法典第201条",
    roles={"start": FieldType.DATE, "end": FieldType.DATETIME},
    bindings=({"start": "PUBLISHING_TIME", "end": "LISTING_START_TIME"},),
    at="end",
    passes=lambda sight: (sight["end"].dt.date() - sight["start"]).dt.total_days() != SHORTEST - 1,
    trades=frozenset({"land"}),
    since=date(2007, 11, 1),
    dated_by="start",
    passing=(
        {"start": "20260302", "end": "20260322090000"},
        {"start": "20260302", "end": "20260320090000"},
    ),
    failing=({"start": "20260302", "end": "20260321090000"},),
)
