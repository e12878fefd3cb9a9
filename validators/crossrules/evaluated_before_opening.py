"""LNK-025: the evaluation ended before the bids were opened (RSN-ALL-004)."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import OPENING, REPORT
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """Evaluations that ended before the first opening of their section."""
    first = frames["opening"].group_by("section").agg(pl.col("opened").min())
    return frames["report"].join(first, on="section").filter(pl.col("evaluated") < pl.col("opened"))


RULE = CrossRule(
    id="LNK-025",
    version=1,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="评标结束时间（{evaluated}）早于开标时间（{opened}），标段 {section}",
    message_en="the evaluation ended ({evaluated}) before the opening ({opened}), section {section}",
    expected_zh="评标应当在开标后进行；请核对两处时间",
    legal_source="逻辑顺序；河南省实施招标投标法办法第47条（评标应当在开标后进行）",
    sources={"report": REPORT, "opening": OPENING},
    subject="report",
    at="evaluated",
    broken=broken,
    passing=(
        {
            "report": [{"key": "R", "section": "S1", "evaluated": "20260126120000"}],
            "opening": [{"key": "O", "section": "S1", "opened": "20260126090000"}],
        },
    ),
    failing=(
        {
            "report": [{"key": "R", "section": "S1", "evaluated": "20260126085959"}],
            "opening": [{"key": "O", "section": "S1", "opened": "20260126090000"}],
        },
    ),
)
