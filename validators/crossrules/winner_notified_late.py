"""LNK-032: the winning notice is sent more than 22 days after the evaluation report (RSN-CON-028)."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import REPORT, WINNING
from validators.crossrule import CrossRule, Frames

LONGEST = 15 + 7  # days to decide, and then to send the notice: beyond both together one of them was broken


def broken(frames: Frames) -> pl.LazyFrame:
    """Notices later than that after the last report of their section."""
    last = frames["report"].group_by("section").agg(pl.col("reported").max())
    both = frames["notice"].join(last, on="section")
    return both.filter((pl.col("notified").dt.date() - pl.col("reported").dt.date()).dt.total_days() > LONGEST)


RULE = CrossRule(
    id="LNK-032",
    version=1,
    severity=Severity.QUERY,
    dimension=Dimension.TIMELINESS,
    message_zh="中标通知书发出（{notified}）距评标报告提交（{reported}）超过22日，标段 {section}",
    message_en="the winning notice ({notified}) is sent more than 22 days after the report ({reported}), {section}",
    expected_zh="应在评标报告提出后15日内定标、定标后7日内发出中标通知书；有异议、投诉或重新评标的请说明，属实的确认即可",
    legal_source="河南省实施招标投标法办法第47条（是否仍按此执行须核对）",
    sources={"notice": WINNING, "report": REPORT},
    subject="notice",
    at="notified",
    broken=broken,
    passing=(
        {
            "notice": [{"key": "N", "section": "S1", "notified": "20260124100000"}],
            "report": [{"key": "R", "section": "S1", "reported": "20260102100000"}],
        },
        {
            "notice": [{"key": "N", "section": "S1", "notified": "20260224100000"}],
            "report": [
                {"key": "R", "section": "S1", "reported": "20260102100000"},
                {"key": "Q", "section": "S1", "reported": "20260220100000"},
            ],
        },
        {"notice": [{"key": "N", "section": "S1", "notified": "20260124100000"}], "report": []},
    ),
    failing=(
        {
            "notice": [{"key": "N", "section": "S2;S1", "notified": "20260125080000"}],
            "report": [{"key": "R", "section": "S1", "reported": "20260102100000"}],
        },
    ),
)
