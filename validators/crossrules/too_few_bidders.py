"""LNK-009: a section with fewer than three bidders was opened (RSN-CON-008)."""

from datetime import date

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import BID, OPENING
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """Openings of sections with one or two bids recorded; a consortium counts once, no bid recorded says nothing."""
    bidders = frames["bid"].group_by("section").agg(pl.col("name").n_unique().alias("bidders"))
    return frames["opening"].join(bidders.filter(pl.col("bidders") < 3), on="section")


RULE = CrossRule(
    id="LNK-009",
    version=1,
    severity=Severity.ALERT,
    dimension=Dimension.LEGALITY,
    message_zh="标段 {section} 只有 {bidders} 家投标人，仍于 {opened} 开标",
    message_en="section {section} has only {bidders} bidders and was opened at {opened}",
    expected_zh="投标人少于3个的不得开标，应重新招标；数据属实的照常入库，并提示行政监督部门；名单未报全的请补报",
    legal_source="招标投标法第28条；招标投标法实施条例第44条",
    sources={"opening": OPENING, "bid": BID},
    subject="opening",
    at="opened",
    broken=broken,
    since=date(2000, 1, 1),
    dated_by="opened",
    passing=(
        {
            "opening": [{"key": "O", "section": "S1", "opened": "20260126090000"}],
            "bid": [
                {"key": "1", "section": "S1", "bidder": "A", "name": "甲"},
                {"key": "2", "section": "S1", "bidder": "B", "name": "乙"},
                {"key": "3", "section": "S1", "bidder": "C", "name": "丙"},
            ],
        },
        {"opening": [{"key": "O", "section": "S1", "opened": "20260126090000"}], "bid": []},
    ),
    failing=(
        {
            "opening": [{"key": "O", "section": "S1", "opened": "20260126090000"}],
            "bid": [
                {"key": "1", "section": "S1", "bidder": "A;D", "name": "甲"},
                {"key": "2", "section": "S1", "bidder": "B", "name": "乙"},
            ],
        },
    ),
)
