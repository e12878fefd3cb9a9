"""LNK-031: the experts were drawn after the evaluation had ended (RSN-CON-015)."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import DRAW, REPORT
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """Draws later than the end of the last evaluation of their section: its start is not in the data."""
    ended = frames["report"].group_by("section").agg(pl.col("evaluated").max())
    return frames["draw"].join(ended, on="section").filter(pl.col("drawn") >= pl.col("evaluated"))


RULE = CrossRule(
    id="LNK-031",
    version=1,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="专家抽取时间（{drawn}）不早于评标结束时间（{evaluated}），标段 {section}",
    message_en="the experts were drawn ({drawn}) after the evaluation had ended ({evaluated}), section {section}",
    expected_zh="专家应在评标开始前抽取；请核对抽取时间和评标结束时间",
    legal_source="评标委员会和评标方法暂行规定（名单一般应于开标前确定）；逻辑",
    sources={"draw": DRAW, "report": REPORT},
    subject="draw",
    at="drawn",
    broken=broken,
    passing=(
        {
            "draw": [{"key": "D", "section": "S1", "drawn": "20260126080000"}],
            "report": [{"key": "R", "section": "S1", "evaluated": "20260126120000"}],
        },
    ),
    failing=(
        {
            "draw": [{"key": "D", "section": "S1", "drawn": "20260126120000"}],
            "report": [{"key": "R", "section": "S1", "evaluated": "20260126120000"}],
        },
    ),
)
