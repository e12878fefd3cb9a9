"""LNK-014: the contract is signed more than 30 days after the award notice (RSN-CON-022)."""

from datetime import date

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import AWARD, CONTRACT
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """Contracts more than 30 days after the last award of their section; the day of the award is not counted."""
    last = frames["award"].group_by("section").agg(pl.col("awarded").max())
    both = frames["contract"].join(last, on="section")
    return both.filter((pl.col("signed").dt.date() - pl.col("awarded").dt.date()).dt.total_days() > 30)


RULE = CrossRule(
    id="LNK-014",
    version=1,
    severity=Severity.ALERT,
    dimension=Dimension.LEGALITY,
    message_zh="合同签署（{signed}）距中标结果公告（{awarded}）超过30日，标段 {section}",
    message_en="the contract is signed ({signed}) more than 30 days after the award ({awarded}), section {section}",
    expected_zh="应自中标通知书发出之日起30日内订立书面合同；数据属实的照常入库，并提示行政监督部门",
    legal_source="招标投标法第46条；河南省实施招标投标法办法第47条",
    sources={"contract": CONTRACT, "award": AWARD},
    subject="contract",
    at="signed",
    broken=broken,
    since=date(2000, 1, 1),
    dated_by="awarded",
    passing=(
        {
            "contract": [{"key": "C", "section": "S1", "signed": "20260131235959"}],
            "award": [{"key": "A", "section": "S1", "awarded": "20260101000000"}],
        },
        {
            "contract": [{"key": "C", "section": "S1", "signed": "20260401000000"}],
            "award": [{"key": "A", "section": "S1", "awarded": None}],
        },
    ),
    failing=(
        {
            "contract": [{"key": "C", "section": "S1", "signed": "20260201000000"}],
            "award": [{"key": "A", "section": "S1", "awarded": "20260101235959"}],
        },
    ),
)
