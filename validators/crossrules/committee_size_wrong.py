"""LNK-013: an evaluation committee is smaller than five or of even number (RSN-CON-013)."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import EXPERT
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """One finding a section, at its chair (else at the first record)."""
    members = pl.col("person").n_unique().over("section").alias("members")
    known = frames["expert"].drop_nulls("person").with_columns(members)
    wrong = known.filter((pl.col("members") < 5) | (pl.col("members") % 2 == 0))
    return wrong.sort("chair", "key", descending=[True, False], nulls_last=True).unique("section", keep="first")


RULE = CrossRule(
    id="LNK-013",
    version=1,
    severity=Severity.ALERT,
    dimension=Dimension.LEGALITY,
    message_zh="标段 {section} 的评标委员会为 {members} 人，不是5人以上单数",
    message_en="the evaluation committee of section {section} has {members} members, not an odd number of at least 5",
    expected_zh="评标委员会成员人数应为5人以上单数；数据属实的照常入库，并提示行政监督部门；专家未报全的请补报",
    legal_source="招标投标法第37条",
    sources={"expert": EXPERT},
    subject="expert",
    at="section",
    broken=broken,
    passing=(
        {
            "expert": [
                {"key": "0", "section": "S1", "person": "0", "chair": "0"},
                {"key": "1", "section": "S1", "person": "1", "chair": "1"},
                {"key": "2", "section": "S1", "person": "2", "chair": "0"},
                {"key": "3", "section": "S1", "person": "3", "chair": "0"},
                {"key": "4", "section": "S1", "person": "4", "chair": "0"},
            ]
        },
        {"expert": []},
    ),
    failing=(
        {
            "expert": [
                {"key": "0", "section": "S1", "person": "0", "chair": "0"},
                {"key": "1", "section": "S1", "person": "1", "chair": "0"},
                {"key": "2", "section": "S1", "person": "2", "chair": "0"},
                {"key": "3", "section": "S1", "person": "3", "chair": "0"},
            ]
        },
        {
            "expert": [
                {"key": "0", "section": "S1", "person": "0", "chair": "0"},
                {"key": "1", "section": "S1", "person": "1", "chair": "0"},
                {"key": "2", "section": "S1", "person": "2", "chair": "0"},
                {"key": "3", "section": "S1", "person": "3", "chair": "0"},
                {"key": "4", "section": "S1", "person": "4", "chair": "0"},
                {"key": "5", "section": "S1", "person": "5", "chair": "0"},
            ]
        },
        {"expert": [{"key": "1", "section": "S1", "person": "1", "chair": "1", "signed_in": "20260101000000"}]},
    ),
)
