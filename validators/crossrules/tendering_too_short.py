"""LNK-015: a compulsory tender leaves less than 20 days from the issue of documents to the deadline (RSN-CON-003)."""

from datetime import date

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import NOTICE, TENDER
from validators.crossrule import NEAR, CrossRule, Frames

SHORTEST = 20  # days
TIMES_IN_ORDER = pl.col("issue") < pl.col("deadline")  # else TIM-002


def broken(frames: Frames) -> pl.LazyFrame:
    """First tender notices (not prequalification, not corrections) of compulsory tenders; 19 days are a query."""
    compulsory = frames["tender"].filter(pl.col("compulsory")).select("tender").unique()
    notices = frames["notice"].filter((pl.col("kind") == "1") & (pl.col("nature") == "1") & TIMES_IN_ORDER)
    lasted = (pl.col("deadline").dt.date() - pl.col("issue").dt.date()).dt.total_days().alias("lasted")
    short = notices.join(compulsory, on="tender", how="semi").with_columns(lasted).filter(pl.col("lasted") < SHORTEST)
    return short.unique("key").with_columns((pl.col("lasted") == SHORTEST - 1).alias(NEAR))


RULE = CrossRule(
    id="LNK-015",
    version=1,
    severity=Severity.ALERT,
    dimension=Dimension.LEGALITY,
    message_zh="依法必须招标的项目，自文件开始发出（{issue}）至投标截止（{deadline}）只有 {lasted} 日（不含首日）",
    message_en="a compulsory tender leaves {lasted} days (the first not counted) from {issue} to {deadline}",
    expected_zh="依法必须进行招标的项目，自招标文件开始发出之日起至投标截止之日止不得少于20日；差1日的请核对起止时间",
    legal_source="招标投标法第24条；民法典第201条",
    sources={"notice": NOTICE, "tender": TENDER},
    subject="notice",
    at="deadline",
    broken=broken,
    since=date(2000, 1, 1),
    dated_by="issue",
    passing=(
        {
            "notice": [
                {
                    "key": "N",
                    "tender": "T",
                    "section": "S1",
                    "kind": "1",
                    "nature": "1",
                    "issue": "20260105090000",
                    "deadline": "20260125090000",
                }
            ],
            "tender": [{"key": "T", "tender": "T", "compulsory": "1"}],
        },
        {
            "notice": [
                {
                    "key": "N",
                    "tender": "T",
                    "section": "S1",
                    "kind": "1",
                    "nature": "1",
                    "issue": "20260105090000",
                    "deadline": "20260115090000",
                }
            ],
            "tender": [{"key": "T", "tender": "T", "compulsory": "0"}],
        },
        {
            "notice": [
                {
                    "key": "N",
                    "tender": "T",
                    "section": "S1",
                    "kind": "2",
                    "nature": "1",
                    "issue": "20260105090000",
                    "deadline": "20260115090000",
                }
            ],
            "tender": [{"key": "T", "tender": "T", "compulsory": "1"}],
        },
    ),
    failing=(
        {
            "notice": [
                {
                    "key": "N",
                    "tender": "T",
                    "section": "S1",
                    "kind": "1",
                    "nature": "1",
                    "issue": "20260105090000",
                    "deadline": "20260124090000",
                }
            ],
            "tender": [{"key": "T", "tender": "T", "compulsory": "1"}],
        },
        {
            "notice": [
                {
                    "key": "N",
                    "tender": "T",
                    "section": "S1",
                    "kind": "1",
                    "nature": "1",
                    "issue": "20260105090000",
                    "deadline": "20260123090000",
                }
            ],
            "tender": [{"key": "T", "tender": "T", "compulsory": "1"}],
        },
    ),
)
