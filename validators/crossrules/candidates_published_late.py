"""LNK-024: candidates are published more than 3 days after the evaluation report (RSN-CON-018)."""

from datetime import date

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import PUBLICITY, REPORT
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """First publicities more than 3 days after the first report of their section."""
    first = frames["report"].group_by("section").agg(pl.col("reported").min())
    earliest = frames["publicity"].filter(pl.col("shown") == pl.col("shown").min().over("section"))
    both = earliest.join(first, on="section")
    return both.filter((pl.col("shown").dt.date() - pl.col("reported").dt.date()).dt.total_days() > 3)


RULE = CrossRule(
    id="LNK-024",
    version=1,
    severity=Severity.ALERT,
    dimension=Dimension.TIMELINESS,
    message_zh="公示开始（{shown}）距收到评标报告（{reported}）超过3日，标段 {section}",
    message_en="candidates are published ({shown}) more than 3 days after the report ({reported}), section {section}",
    expected_zh="应自收到评标报告之日起3日内公示中标候选人；数据属实的照常入库，并提示行政监督部门",
    legal_source="招标投标法实施条例第54条",
    sources={"publicity": PUBLICITY, "report": REPORT},
    subject="publicity",
    at="shown",
    broken=broken,
    since=date(2012, 2, 1),
    dated_by="reported",
    passing=(
        {
            "publicity": [{"key": "P", "section": "S1", "shown": "20260104235959"}],
            "report": [{"key": "R", "section": "S1", "reported": "20260101000000"}],
        },
        {
            "publicity": [
                {"key": "P", "section": "S1", "shown": "20260103000000"},
                {"key": "Q", "section": "S1", "shown": "20260201000000"},
            ],
            "report": [{"key": "R", "section": "S1", "reported": "20260101000000"}],
        },
    ),
    failing=(
        {
            "publicity": [{"key": "P", "section": "S1", "shown": "20260105000000"}],
            "report": [{"key": "R", "section": "S1", "reported": "20260101235959"}],
        },
    ),
)
