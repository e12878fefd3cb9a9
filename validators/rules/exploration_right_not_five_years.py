"""AMT-007: an exploration right (探矿权) is not given for 5 years (RSN-MIN-004)."""

from collections.abc import Iterator, Mapping
from datetime import date

from contracts.model import DatasetContract, FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

TERM = 5  # years


def exploration_rights(contract: DatasetContract) -> Iterator[Mapping[str, str]]:
    """探矿权数据集的年限 the term of datasets about exploration rights."""
    if contract.dataset.startswith("EXPLOR_"):
        yield {"published": "PUBLISHING_TIME", "years": "QT_PLAN_YEARS"}


RULE = Rule(
    id="AMT-007",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.QUERY,
    dimension=Dimension.REASONABLENESS,
    message_zh="探矿权年限为 {years} 年，不是5年",
    message_en="an exploration right of {years} years, not 5",
    expected_zh="探矿权首次期限为5年（续期每次5年，不超过3次），请核对",
    legal_source="矿产资源法（2024修订）第24条",
    roles={"published": FieldType.DATETIME, "years": FieldType.DECIMAL},
    binds=exploration_rights,
    at="years",
    passes=lambda sight: sight["years"] == TERM,
    trades=frozenset({"mining"}),
    since=date(2025, 7, 1),
    dated_by="published",
    passing=(
        {"published": "20260302090000", "years": "5"},
        {"published": "20250630090000", "years": "3"},
        {"published": "20260302090000", "years": None},
    ),
    failing=({"published": "20260302090000", "years": "3"},),
)
