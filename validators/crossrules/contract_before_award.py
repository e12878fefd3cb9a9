"""LNK-001: a contract is signed before the award is announced (RSN-ALL-005)."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import AWARD, CONTRACT
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """Contracts signed before the first award notice of their section."""
    first = frames["award"].group_by("section").agg(pl.col("awarded").min())
    return frames["contract"].join(first, on="section").filter(pl.col("signed") < pl.col("awarded"))


RULE = CrossRule(
    id="LNK-001",
    version=1,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="合同签署时间（{signed}）早于中标结果公告时间（{awarded}），标段 {section}",
    message_en="the contract is signed ({signed}) before the award is announced ({awarded}), section {section}",
    expected_zh="合同应在中标通知之后签订；请核对合同签署时间和公告时间",
    legal_source="逻辑顺序；招标投标法第45、46条",
    sources={"contract": CONTRACT, "award": AWARD},
    subject="contract",
    at="signed",
    broken=broken,
    passing=(
        {
            "contract": [{"key": "C", "section": "S1", "signed": "20260301100000"}],
            "award": [{"key": "A", "section": "S1", "awarded": "20260301100000"}],
        },
        {
            "contract": [{"key": "C", "section": "S1", "signed": "20260101100000"}],
            "award": [{"key": "A", "section": "S2", "awarded": "20260301100000"}],
        },
        {
            "contract": [{"key": "C", "section": "S1", "signed": "20260101100000"}],
            "award": [{"key": "A", "section": "S1", "awarded": None}],
        },
    ),
    failing=(
        {
            "contract": [{"key": "C", "section": "S1", "signed": "20260301095959"}],
            "award": [{"key": "A", "section": "S1", "awarded": "20260301100000"}],
        },
    ),
)
