"""LNK-030: the experts were drawn more than 24 hours before the opening, or after it (RSN-CON-016)."""

from datetime import date

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import DRAW, OPENING
from validators.crossrule import CrossRule, Frames

EARLIEST = pl.duration(hours=24)


def broken(frames: Frames) -> pl.LazyFrame:
    """First draws of a section that lie outside the 24 hours before its first opening; later ones replace absentees."""
    opening = frames["opening"].group_by("section").agg(pl.col("opened").min())
    first = frames["draw"].drop_nulls("drawn").sort("drawn").unique("section", keep="first", maintain_order=True)
    both = first.join(opening, on="section")
    return both.filter(~(pl.col("opened") - pl.col("drawn")).is_between(pl.duration(hours=0), EARLIEST))


RULE = CrossRule(
    id="LNK-030",
    version=1,
    severity=Severity.QUERY,
    dimension=Dimension.LEGALITY,
    message_zh="专家抽取时间（{drawn}）不在开标（{opened}）前24小时内，标段 {section}",
    message_en="the experts were drawn ({drawn}) outside the 24 hours before the opening ({opened}), section {section}",
    expected_zh="河南省规定评标委员会应在开标前24小时内组成（现行效力须核对）；请核对抽取时间和开标时间",
    legal_source="河南省实施招标投标法办法（2002）第41条（现行效力须核对）",
    sources={"draw": DRAW, "opening": OPENING},
    subject="draw",
    at="drawn",
    broken=broken,
    since=date(2002, 9, 1),
    dated_by="drawn",
    passing=(
        {
            "draw": [{"key": "D", "section": "S1", "drawn": "20260125090000"}],
            "opening": [{"key": "O", "section": "S1", "opened": "20260126090000"}],
        },
        {
            "draw": [
                {"key": "D", "section": "S1", "drawn": "20260126080000"},
                {"key": "D2", "section": "S1", "drawn": "20260126100000"},
            ],
            "opening": [{"key": "O", "section": "S1", "opened": "20260126090000"}],
        },
    ),
    failing=(
        {
            "draw": [{"key": "D", "section": "S1", "drawn": "20260125085959"}],
            "opening": [{"key": "O", "section": "S1", "opened": "20260126090000"}],
        },
        {
            "draw": [{"key": "D", "section": "S1", "drawn": "20260126090001"}],
            "opening": [{"key": "O", "section": "S1", "opened": "20260126090000"}],
        },
    ),
)
