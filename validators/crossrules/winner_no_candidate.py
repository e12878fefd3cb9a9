"""LNK-005: the winner is none of the published candidates (RSN-ALL-011)."""

from datetime import date

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import AWARD, PUBLICITY
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """First winners of sections with published candidates, that are none of them."""
    named = frames["publicity"].unpivot(["first", "second", "third"], index="section", value_name="candidate")
    known = named.drop_nulls("candidate")
    awards = frames["award"].drop_nulls("winner").join(known, on="section", how="semi")
    odd = awards.join(known, left_on=["section", "winner"], right_on=["section", "candidate"], how="anti")
    lead = awards.join(known, left_on=["section", "winner"], right_on=["section", "candidate"], how="semi")
    return odd.join(lead, on="key", how="anti")  # partners of a consortium are not published by code


RULE = CrossRule(
    id="LNK-005",
    version=1,
    severity=Severity.ALERT,
    dimension=Dimension.LEGALITY,
    message_zh="中标人 {winner_name}（{winner}）不在标段 {section} 公示的中标候选人中",
    message_en="the winner {winner_name} ({winner}) is none of the published candidates of section {section}",
    expected_zh="中标人应从公示的中标候选人中确定；数据属实的照常入库，并提示行政监督部门",
    legal_source="招标投标法第57条；河南省实施招标投标法办法第45条",
    sources={"award": AWARD, "publicity": PUBLICITY},
    subject="award",
    at="winner",
    broken=broken,
    since=date(2000, 1, 1),
    dated_by="awarded",
    passing=(
        {
            "award": [{"key": "A", "section": "S1", "winner": "W"}],
            "publicity": [{"key": "P", "section": "S1", "first": "V", "second": "W"}],
        },
        {
            "award": [{"key": "A", "section": "S1", "winner": "W;X"}],
            "publicity": [{"key": "P", "section": "S1", "first": "W"}],
        },
        {
            "award": [{"key": "A", "section": "S1", "winner": "W"}],
            "publicity": [{"key": "P", "section": "S1", "first": None}],
        },
    ),
    failing=(
        {
            "award": [{"key": "A", "section": "S1", "winner": "W", "awarded": "20260301000000"}],
            "publicity": [{"key": "P", "section": "S1", "first": "V", "second": "U", "third": "T"}],
        },
    ),
)
