"""TIM-027: a land notice is published less than 20 days before the listing starts (RSN-LAND-001)."""

from datetime import date

import polars as pl

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, Sight

SHORTEST = 20  # days


def _lasting(sight: Sight) -> pl.Expr:
    return (sight["end"].dt.date() - sight["start"]).dt.total_days()


RULE = Rule(
    id="TIM-027",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.ALERT,
    dimension=Dimension.LEGALITY,
    message_zh="公告发布（{start}）距挂牌开始（{end}）不足20日",
    message_en="the notice ({start}) comes less than 20 days before the listing starts ({end})",
    expected_zh="应在挂牌开始日前至少20日发布公告（差1日的由首日是否计入引起，请核对）；数据属实的照常入库，并提示行政监督部门",
    legal_source="招标拍卖挂牌出让国有建设用地使用权规定（国土资源部39号令）第8条",
    roles={"start": FieldType.DATE, "end": FieldType.DATETIME},
    bindings=({"start": "PUBLISHING_TIME", "end": "LISTING_START_TIME"},),
    at="end",
    passes=lambda sight: ~_lasting(sight).is_between(0, SHORTEST - 2),
    trades=frozenset({"land"}),
    since=date(2007, 11, 1),
    dated_by="start",
    passing=(
        {"start": "20260302", "end": "20260322090000"},
        {"start": "20260302", "end": "20260321090000"},
        {"start": "20260302", "end": "20260301090000"},
        {"start": "20260302", "end": None},
    ),
    failing=(
        {"start": "20260302", "end": "20260320090000"},
        {"start": "20260302", "end": "20260302090000"},
    ),
)
