"""LNK-012: a deposit is more than 2 % of the estimate of its section (RSN-CON-011)."""

from datetime import date

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.amounts import in_yuan
from validators.crossparts import DEPOSIT, SECTION
from validators.crossrule import CrossRule, Frames

FEN = 0.01  # yuan: rounding


def broken(frames: Frames) -> pl.LazyFrame:
    """Deposits, which are in yuan, above the limit."""
    estimate = in_yuan(pl.col("estimate"), pl.col("estimate_unit")).alias("estimate_yuan")
    sections = frames["section"].select("section", estimate).filter(pl.col("estimate_yuan") > 0)
    both = (
        frames["deposit"].with_columns(pl.col("paid").cast(pl.Float64).alias("paid_yuan")).join(sections, on="section")
    )
    return both.filter(pl.col("paid_yuan") > 0.02 * pl.col("estimate_yuan") + FEN)


RULE = CrossRule(
    id="LNK-012",
    version=1,
    severity=Severity.ALERT,
    dimension=Dimension.LEGALITY,
    message_zh="投标保证金（{paid_yuan}元）超过标段合同估算价（{estimate_yuan}元）的2%，标段 {section}",
    message_en="the deposit ({paid_yuan} yuan) is above 2 % of the estimate ({estimate_yuan} yuan), section {section}",
    expected_zh="投标保证金不得超过招标项目估算价的2%；数据属实的照常入库，并提示行政监督部门",
    legal_source="招标投标法实施条例第26条",
    sources={"deposit": DEPOSIT, "section": SECTION},
    subject="deposit",
    at="paid",
    broken=broken,
    since=date(2012, 2, 1),
    dated_by="paid_at",
    passing=(
        {
            "deposit": [{"key": "D", "section": "S1", "bidder": "A", "paid": "20000", "paid_at": "20260101000000"}],
            "section": [{"key": "S", "section": "S1", "estimate": "100", "estimate_unit": "1"}],
        },
        {
            "deposit": [{"key": "D", "section": "S1", "bidder": "A", "paid": "20000", "paid_at": "20260101000000"}],
            "section": [{"key": "S", "section": "S1", "estimate": "0", "estimate_unit": "1"}],
        },
    ),
    failing=(
        {
            "deposit": [{"key": "D", "section": "S1", "bidder": "A", "paid": "20000.02", "paid_at": "20260101000000"}],
            "section": [{"key": "S", "section": "S1", "estimate": "1000000", "estimate_unit": "0"}],
        },
    ),
)
