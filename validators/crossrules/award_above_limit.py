"""LNK-023: an award is above the stated maximum price (RSN-ALL-009)."""

from datetime import date

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.amounts import in_yuan
from validators.crossparts import AWARD, CLARIFICATION, priced
from validators.crossrule import CrossRule, Frames

FEN = 0.01  # yuan: rounding


def broken(frames: Frames) -> pl.LazyFrame:
    """Awards above the newest limit of their section."""
    limit = in_yuan(pl.col("limit"), pl.col("limit_unit")).alias("limit_yuan")
    limits = frames["document"].with_columns(limit).filter(pl.col("limit_yuan") > 0).drop_nulls("section")
    newest = limits.sort("submitted").group_by("section").last().select("section", "limit_yuan")
    both = priced(frames["award"], "award_yuan").join(newest, on="section")
    return both.filter(pl.col("award_yuan") > pl.col("limit_yuan") + FEN).unique("key", maintain_order=True)


RULE = CrossRule(
    id="LNK-023",
    version=1,
    severity=Severity.ALERT,
    dimension=Dimension.LEGALITY,
    message_zh="中标金额（{award_yuan}元）高于最高投标限价（{limit_yuan}元），标段 {section}",
    message_en="the award ({award_yuan} yuan) is above the maximum price ({limit_yuan} yuan), section {section}",
    expected_zh="投标报价高于最高投标限价的应当否决；数据属实的照常入库，并提示行政监督部门；金额单位填错的请更正",
    legal_source="招标投标法实施条例第27、51条第5项",
    sources={"award": AWARD, "document": CLARIFICATION},
    subject="award",
    at="price",
    broken=broken,
    since=date(2012, 2, 1),
    dated_by="awarded",
    passing=(
        {
            "award": [
                {"key": "A", "section": "S1", "price": "100", "unit": "1", "form": "1", "awarded": "20260301000000"}
            ],
            "document": [
                {"key": "D", "section": "S1", "limit": "1000000", "limit_unit": "0", "submitted": "20260101000000"}
            ],
        },
        {
            "award": [
                {"key": "A", "section": "S1", "price": "110", "unit": "1", "form": "1", "awarded": "20260301000000"}
            ],
            "document": [
                {"key": "D", "section": "S1", "limit": "100", "limit_unit": "1", "submitted": "20260101000000"},
                {"key": "E", "section": "S1", "limit": "120", "limit_unit": "1", "submitted": "20260110000000"},
            ],
        },
    ),
    failing=(
        {
            "award": [
                {"key": "A", "section": "S1", "price": "101", "unit": "1", "form": "1", "awarded": "20260301000000"}
            ],
            "document": [
                {"key": "D", "section": "S0;S1", "limit": "1000000", "limit_unit": "0", "submitted": "20260101000000"}
            ],
        },
    ),
)
