"""LNK-010: a bid was handed in after the deadline (RSN-CON-007)."""

from datetime import date

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import BID, NOTICE, deadlines
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """Bids after the deadline in force."""
    return frames["bid"].join(deadlines(frames), on="section").filter(pl.col("handed_in") > pl.col("deadline"))


RULE = CrossRule(
    id="LNK-010",
    version=1,
    severity=Severity.ALERT,
    dimension=Dimension.LEGALITY,
    message_zh="{name} 的投标文件递交时间（{handed_in}）晚于投标截止时间（{deadline}），标段 {section}",
    message_en="the bid of {name} is handed in ({handed_in}) after the deadline ({deadline}), section {section}",
    expected_zh="截止时间后送达的投标文件应当拒收；数据属实的照常入库，并提示行政监督部门",
    legal_source="招标投标法第28条；招标投标法实施条例第36条",
    sources={"bid": BID, "notice": NOTICE},
    subject="bid",
    at="handed_in",
    broken=broken,
    since=date(2000, 1, 1),
    dated_by="handed_in",
    passing=(
        {
            "bid": [{"key": "B", "section": "S1", "bidder": "A", "handed_in": "20260126090000"}],
            "notice": [
                {"key": "N", "section": "S1", "kind": "1", "sent": "20260101000000", "deadline": "20260126090000"}
            ],
        },
        {
            "bid": [{"key": "B", "section": "S1", "bidder": "A", "handed_in": "20260127090000"}],
            "notice": [
                {"key": "N", "section": "S1", "kind": "1", "sent": "20260101000000", "deadline": "20260126090000"},
                {"key": "M", "section": "S1", "kind": "1", "sent": "20260110000000", "deadline": "20260128090000"},
            ],
        },
        {
            "bid": [{"key": "B", "section": "S1", "bidder": "A", "handed_in": "20260127090000"}],
            "notice": [
                {"key": "N", "section": "S1", "kind": "2", "sent": "20260101000000", "deadline": "20260126090000"}
            ],
        },
    ),
    failing=(
        {
            "bid": [{"key": "B", "section": "S1", "bidder": "A", "handed_in": "20260126090001"}],
            "notice": [
                {"key": "N", "section": "S0;S1", "kind": "1", "sent": "20260101000000", "deadline": "20260126090000"}
            ],
        },
    ),
)
