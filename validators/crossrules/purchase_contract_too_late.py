"""LNK-019: a procurement contract is signed more than 30 days after the award (RSN-GP-013)."""

from datetime import date

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import DEAL, PURCHASE_CONTRACT
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """Contracts more than 30 days after the last award of their lot; the day of the award is not counted."""
    last = frames["deal"].group_by("project", "section").agg(pl.col("announced").max())
    both = frames["contract"].join(last, on=["project", "section"])
    return both.filter((pl.col("signed").dt.date() - pl.col("announced").dt.date()).dt.total_days() > 30)


RULE = CrossRule(
    id="LNK-019",
    version=1,
    severity=Severity.ALERT,
    dimension=Dimension.LEGALITY,
    message_zh="采购合同签订（{signed}）距中标（成交）结果公告（{announced}）超过30日，包 {section}",
    message_en="the contract is signed ({signed}) more than 30 days after the award ({announced}), lot {section}",
    expected_zh="应自中标、成交通知书发出之日起30日内签订采购合同；数据属实的照常入库，并提示行政监督部门",
    legal_source="政府采购法第46条",
    sources={"contract": PURCHASE_CONTRACT, "deal": DEAL},
    subject="contract",
    at="signed",
    broken=broken,
    since=date(2003, 1, 1),
    dated_by="announced",
    passing=(
        {
            "contract": [{"key": "C", "project": "P", "section": "S1", "signed": "20260131235959"}],
            "deal": [{"key": "D", "project": "P", "section": "S1", "announced": "20260101000000"}],
        },
        {
            "contract": [{"key": "C", "project": "P", "section": "S1", "signed": "20260401000000"}],
            "deal": [{"key": "D", "project": "P", "section": "S2", "announced": "20260101000000"}],
        },
    ),
    failing=(
        {
            "contract": [{"key": "C", "project": "P", "section": "S1", "signed": "20260201000000"}],
            "deal": [{"key": "D", "project": "P", "section": "S1", "announced": "20260101235959"}],
        },
    ),
)
