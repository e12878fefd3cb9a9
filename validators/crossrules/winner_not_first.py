"""LNK-016: a state-funded project is not won by the first candidate (RSN-CON-021)."""

from datetime import date

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import AWARD, PROJECT, PUBLICITY, TENDER
from validators.crossrule import CrossRule, Frames

# The source of funds is free text; only words that certainly name state money count.
STATE_MONEY = "财政|国有资金|政府投资|政府专项|国债|中央预算|专项债"


def broken(frames: Frames) -> pl.LazyFrame:
    """Winners other than the published first of projects whose source of funds names state money."""
    state = frames["project"].filter(pl.col("fund").str.contains(STATE_MONEY)).select("project", "fund")
    tenders = frames["tender"].select("tender", "project").join(state, on="project").select("tender", "fund").unique()
    firsts = frames["publicity"].drop_nulls("first").select("section", "first").unique("section", keep="last")
    both = frames["award"].drop_nulls("winner").join(tenders, on="tender").join(firsts, on="section")
    return both.filter(~(pl.col("winner") == pl.col("first")).any().over("key")).unique("key", maintain_order=True)


RULE = CrossRule(
    id="LNK-016",
    version=1,
    severity=Severity.ALERT,
    dimension=Dimension.LEGALITY,
    message_zh="国有资金项目（资金来源：{fund}）的中标人 {winner_name} 不是第一中标候选人（{first}），标段 {section}",
    message_en="a state-funded project ({fund}) is won by {winner_name}, not by the first candidate, section {section}",
    expected_zh="国有资金占控股或主导地位的应确定排名第一的候选人；依次递补（放弃、不能履约等）或评定分离试点的请说明理由",
    legal_source="招标投标法实施条例第55条；河南省实施招标投标法办法第46条",
    sources={"award": AWARD, "publicity": PUBLICITY, "tender": TENDER, "project": PROJECT},
    subject="award",
    at="winner",
    broken=broken,
    since=date(2012, 2, 1),
    dated_by="awarded",
    passing=(
        {
            "award": [{"key": "A", "tender": "T", "section": "S1", "winner": "W", "awarded": "20260301000000"}],
            "publicity": [{"key": "P", "section": "S1", "first": "W"}],
            "tender": [{"key": "T", "tender": "T", "project": "P"}],
            "project": [{"key": "P", "project": "P", "fund": "财政资金100%"}],
        },
        {
            "award": [{"key": "A", "tender": "T", "section": "S1", "winner": "V", "awarded": "20260301000000"}],
            "publicity": [{"key": "P", "section": "S1", "first": "W"}],
            "tender": [{"key": "T", "tender": "T", "project": "P"}],
            "project": [{"key": "P", "project": "P", "fund": "企业自筹"}],
        },
    ),
    failing=(
        {
            "award": [{"key": "A", "tender": "T", "section": "S1", "winner": "V", "awarded": "20260301000000"}],
            "publicity": [{"key": "P", "section": "S1", "first": "W", "second": "V"}],
            "tender": [{"key": "T", "tender": "T", "project": "P"}],
            "project": [{"key": "P", "project": "P", "fund": "财政资金100%"}],
        },
    ),
)
