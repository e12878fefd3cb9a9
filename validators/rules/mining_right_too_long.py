"""AMT-006: a mining right (采矿权) is given for more than 30 years (RSN-MIN-005)."""

from collections.abc import Iterator, Mapping
from datetime import date

from contracts.model import DatasetContract, FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

LONGEST = 30  # years


def mining_rights(contract: DatasetContract) -> Iterator[Mapping[str, str]]:
    """采矿权数据集的年限 the term of datasets about mining rights, not of those about exploration rights."""
    if contract.dataset.startswith("MINING_"):
        yield {"published": "PUBLISHING_TIME", "years": "QT_PLAN_YEARS"}


RULE = Rule(
    id="AMT-006",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.REJECT,
    dimension=Dimension.REASONABLENESS,
    message_zh="采矿权年限为 {years} 年，超过30年",
    message_en="a mining right of {years} years, more than 30",
    expected_zh="采矿权的期限最长不超过30年，请核对年限",
    legal_source="矿产资源法（2024修订）第24条",
    roles={"published": FieldType.DATETIME, "years": FieldType.DECIMAL},
    binds=mining_rights,
    at="years",
    passes=lambda sight: sight["years"] <= LONGEST,
    trades=frozenset({"mining"}),
    since=date(2025, 7, 1),
    dated_by="published",
    passing=(
        {"published": "20260302090000", "years": "30"},
        {"published": "20250630090000", "years": "50"},
        {"published": "20260302090000", "years": None},
    ),
    failing=({"published": "20260302090000", "years": "30.5"},),
)
