"""TIM-007: the opening is not at the bid deadline."""

import polars as pl

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, Sight


def passes(sight: Sight) -> pl.Expr:
    """At most a minute apart."""
    return (sight["opening"] - sight["deadline"]).dt.total_seconds().abs() <= 60


RULE = Rule(
    id="TIM-007",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.QUERY,
    dimension=Dimension.REASONABLENESS,
    message_zh="开标时间（{opening}）与投标截止时间（{deadline}）不是同一时间",
    message_en="the opening ({opening}) is not at the bid deadline ({deadline})",
    expected_zh="开标应当在投标截止时间的同一时间公开进行，请核对",
    legal_source="招标投标法第34条",
    roles={"deadline": FieldType.DATETIME, "opening": FieldType.DATETIME},
    bindings=({"deadline": "BID_DOC_REFER_END_TIME", "opening": "BID_OPEN_TIME"},),
    at="opening",
    passes=passes,
    passing=({"deadline": "20260126090000", "opening": "20260126090100"}, {"deadline": None, "opening": None}),
    failing=(
        {"deadline": "20260126090000", "opening": "20260126090101"},
        {"deadline": "20260126090000", "opening": "20260125090000"},
    ),
)
