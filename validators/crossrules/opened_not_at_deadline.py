"""LNK-011: the opening was not at the bid deadline in force (RSN-CON-006)."""

from datetime import date, timedelta

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import NOTICE, OPENING, deadlines
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """Openings more than a minute from the deadline in force."""
    both = frames["opening"].join(deadlines(frames), on="section")
    return both.filter((pl.col("opened") - pl.col("deadline")).abs() > timedelta(minutes=1))


RULE = CrossRule(
    id="LNK-011",
    version=1,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="实际开标时间（{opened}）与投标截止时间（{deadline}）不是同一时间，标段 {section}",
    message_en="the opening ({opened}) was not at the bid deadline ({deadline}), section {section}",
    expected_zh="开标应当在投标截止时间的同一时间公开进行；截止时间有变更的请补报更正公告",
    legal_source="招标投标法第34条",
    sources={"opening": OPENING, "notice": NOTICE},
    subject="opening",
    at="opened",
    broken=broken,
    since=date(2000, 1, 1),
    dated_by="opened",
    passing=(
        {
            "opening": [{"key": "O", "section": "S1", "opened": "20260126090100"}],
            "notice": [
                {"key": "N", "section": "S1", "kind": "1", "sent": "20260101000000", "deadline": "20260126090000"}
            ],
        },
    ),
    failing=(
        {
            "opening": [{"key": "O", "section": "S1", "opened": "20260126090101"}],
            "notice": [
                {"key": "N", "section": "S1", "kind": "1", "sent": "20260101000000", "deadline": "20260126090000"}
            ],
        },
    ),
)
