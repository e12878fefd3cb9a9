"""LNK-007: deposits of different bidders of a section come from one account (RSN-ALL-013)."""

from datetime import date

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import DEPOSIT
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """Deposits whose account serves several bidders of the section."""
    together = pl.col("bidder").n_unique().over("section", "account").alias("bidders")
    return frames["deposit"].drop_nulls(["account", "bidder"]).with_columns(together).filter(pl.col("bidders") > 1)


RULE = CrossRule(
    id="LNK-007",
    version=1,
    severity=Severity.ALERT,
    dimension=Dimension.LEGALITY,
    message_zh="标段 {section} 有 {bidders} 家投标人的保证金来自同一账户",
    message_en="deposits of {bidders} bidders of section {section} come from one account",
    expected_zh="不同投标人的投标保证金不得从同一单位或个人的账户转出；数据属实的照常入库，并提示行政监督部门",
    legal_source="招标投标法实施条例第40条第6项",
    sources={"deposit": DEPOSIT},
    subject="deposit",
    at="account",
    broken=broken,
    since=date(2012, 2, 1),
    dated_by="paid_at",
    passing=(
        {
            "deposit": [
                {"key": "1", "section": "S1", "bidder": "A", "account": "410001"},
                {"key": "2", "section": "S1", "bidder": "B", "account": "410002"},
                {"key": "3", "section": "S1", "bidder": "A", "account": "410001"},
            ]
        },
        {
            "deposit": [
                {"key": "1", "section": "S1", "bidder": "A", "account": "410001"},
                {"key": "2", "section": "S2", "bidder": "B", "account": "410001"},
            ]
        },
    ),
    failing=(
        {
            "deposit": [
                {"key": "1", "section": "S1", "bidder": "A", "account": "410001", "paid_at": "20260101000000"},
                {"key": "2", "section": "S1", "bidder": "B", "account": "410001", "paid_at": "20260101000000"},
            ]
        },
    ),
)
