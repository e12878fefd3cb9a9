"""LNK-017: candidates are published before the bids were opened (RSN-ALL-005)."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import OPENING, PUBLICITY
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """Publicities before the first opening of their section."""
    first = frames["opening"].group_by("section").agg(pl.col("opened").min())
    return frames["publicity"].join(first, on="section").filter(pl.col("shown") < pl.col("opened"))


RULE = CrossRule(
    id="LNK-017",
    version=1,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="中标候选人公示开始（{shown}）早于开标时间（{opened}），标段 {section}",
    message_en="candidates are published ({shown}) before the opening ({opened}), section {section}",
    expected_zh="应先开标、评标，后公示中标候选人；请核对两处时间",
    legal_source="逻辑顺序；招标投标法第40、45条",
    sources={"publicity": PUBLICITY, "opening": OPENING},
    subject="publicity",
    at="shown",
    broken=broken,
    passing=(
        {
            "publicity": [{"key": "P", "section": "S1", "shown": "20260126090000"}],
            "opening": [{"key": "O", "section": "S1", "opened": "20260126090000"}],
        },
    ),
    failing=(
        {
            "publicity": [{"key": "P", "section": "S1", "shown": "20260126085959"}],
            "opening": [{"key": "O", "section": "S1;S2", "opened": "20260126090000"}],
        },
    ),
)
