"""LNK-002: the award is announced before the publicity of candidates ends (RSN-CON-020)."""

from datetime import date

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import AWARD, PUBLICITY
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """Awards inside a publicity of their section that has begun."""
    both = frames["award"].join(frames["publicity"].drop("key"), on="section")
    return both.filter((pl.col("shown") <= pl.col("awarded")) & (pl.col("awarded") < pl.col("shown_until")))


RULE = CrossRule(
    id="LNK-002",
    version=1,
    severity=Severity.ALERT,
    dimension=Dimension.LEGALITY,
    message_zh="中标结果公告时间（{awarded}）早于公示期满（{shown_until}），标段 {section}",
    message_en="the award is announced ({awarded}) before the publicity ends ({shown_until}), section {section}",
    expected_zh="公示期满无异议后方可发出中标通知书；数据属实的照常入库，并提示行政监督部门",
    legal_source="招标投标法实施条例第54、55条",
    sources={"award": AWARD, "publicity": PUBLICITY},
    subject="award",
    at="awarded",
    broken=broken,
    since=date(2012, 2, 1),
    dated_by="awarded",
    passing=(
        {
            "award": [{"key": "A", "section": "S1", "awarded": "20260110180000"}],
            "publicity": [{"key": "P", "section": "S1", "shown": "20260105090000", "shown_until": "20260110180000"}],
        },
        {
            "award": [{"key": "A", "section": "S1", "awarded": "20260101000000"}],
            "publicity": [{"key": "P", "section": "S1", "shown": "20260105090000", "shown_until": "20260110180000"}],
        },
        {
            "award": [{"key": "A", "section": "S1", "awarded": "20120131000000"}],
            "publicity": [{"key": "P", "section": "S1", "shown": "20120130090000", "shown_until": "20120203180000"}],
        },
    ),
    failing=(
        {
            "award": [{"key": "A", "section": "S1", "awarded": "20260110175959"}],
            "publicity": [{"key": "P", "section": "S0;S1", "shown": "20260105090000", "shown_until": "20260110180000"}],
        },
    ),
)
