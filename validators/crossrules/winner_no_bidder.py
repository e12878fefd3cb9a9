"""LNK-004: the winner is not among the recorded bidders of the section (RSN-ALL-010)."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import AWARD, BID
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """Winners of sections whose bidders are known, that are none of them."""
    known = frames["bid"].drop_nulls("bidder")
    awards = frames["award"].drop_nulls("winner").join(known, on="section", how="semi")
    return awards.join(known, left_on=["section", "winner"], right_on=["section", "bidder"], how="anti")


RULE = CrossRule(
    id="LNK-004",
    version=1,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="中标人 {winner_name}（{winner}）不在标段 {section} 的投标人名单中",
    message_en="the winner {winner_name} ({winner}) is not on the list of bidders of section {section}",
    expected_zh="中标人应为该标段的投标人；请核对中标人代码，或补报投标人名单（TENDER_LIST）",
    legal_source="逻辑；招标投标法第40、57条",
    sources={"award": AWARD, "bid": BID},
    subject="award",
    at="winner",
    broken=broken,
    passing=(
        {
            "award": [{"key": "A", "section": "S1", "winner": "W"}],
            "bid": [{"key": "B", "section": "S1", "bidder": "V;W"}],
        },
        {"award": [{"key": "A", "section": "S1", "winner": "W"}], "bid": []},
        {
            "award": [{"key": "A", "section": "S1", "winner": "W"}],
            "bid": [{"key": "B", "section": "S2", "bidder": "X"}],
        },
        {
            "award": [{"key": "A", "section": "S1", "winner": None}],
            "bid": [{"key": "B", "section": "S1", "bidder": "V"}],
        },
    ),
    failing=(
        {
            "award": [{"key": "A", "section": "S1", "winner": "W"}],
            "bid": [{"key": "B", "section": "S1", "bidder": "V"}],
        },
        {
            "award": [{"key": "A", "section": "S1", "winner": "W;X"}],
            "bid": [{"key": "B", "section": "S1", "bidder": "W"}],
        },
    ),
)
