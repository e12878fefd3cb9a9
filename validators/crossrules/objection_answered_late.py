"""LNK-028: an objection is answered more than 3 days after it came (RSN-CON-030)."""

from datetime import date

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossrule import CrossRule, Frames, Source

REPLY = Source("OBJECTION_REPLY", {"objection": "OBJECTIONG_GUID", "answered": "RESPONSE_SUBMIT_TIME"})
OBJECTION = Source("OBJECTION", {"objection": "OBJECTIONG_GUID", "filed": "SUBMIT_TIME"})


def broken(frames: Frames) -> pl.LazyFrame:
    """First replies more than 3 days after their objection; the day it came is not counted."""
    first = frames["reply"].filter(pl.col("answered") == pl.col("answered").min().over("objection"))
    both = first.join(frames["objection"].select("objection", "filed"), on="objection")
    return both.filter((pl.col("answered").dt.date() - pl.col("filed").dt.date()).dt.total_days() > 3)


RULE = CrossRule(
    id="LNK-028",
    version=1,
    severity=Severity.QUERY,
    dimension=Dimension.TIMELINESS,
    message_zh="异议答复（{answered}）距收到异议（{filed}）超过3日",
    message_en="the objection is answered ({answered}) more than 3 days after it came ({filed})",
    expected_zh="应自收到异议之日起3日内作出答复，请核对两处时间",
    legal_source="招标投标法实施条例第22条",
    sources={"reply": REPLY, "objection": OBJECTION},
    subject="reply",
    at="answered",
    broken=broken,
    since=date(2012, 2, 1),
    dated_by="filed",
    passing=(
        {
            "reply": [{"key": "R", "objection": "O", "answered": "20260104180000"}],
            "objection": [{"key": "O", "objection": "O", "filed": "20260101090000"}],
        },
    ),
    failing=(
        {
            "reply": [{"key": "R", "objection": "O", "answered": "20260105090000"}],
            "objection": [{"key": "O", "objection": "O", "filed": "20260101180000"}],
        },
    ),
)
