"""LNK-018: recordings of different sections have the same hash: copied, or the wrong file."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import RECORDING
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """Pairs of records with one hash and no section in common."""
    takes = frames["recording"].drop_nulls(["hash", "section"])
    pairs = takes.select("hash", pl.col("key").alias("other"), pl.col("section").alias("elsewhere"))
    both = takes.join(pairs, on="hash").filter(pl.col("key") != pl.col("other"))
    apart = both.filter(~(pl.col("section") == pl.col("elsewhere")).any().over("key", "other"))
    return apart.sort("other").unique("key", keep="first")


RULE = CrossRule(
    id="LNK-018",
    version=1,
    severity=Severity.ALERT,
    dimension=Dimension.ACCURACY,
    message_zh="音视频摘要值与另一标段的录像（主键 {other}）相同，疑为复制或传错文件，标段 {section}",
    message_en="the hash is that of a recording of another section ({other}): copied or the wrong file, {section}",
    expected_zh="不同标段的录像不应是同一文件；一段录像涉及多个标段的，应在该记录中一并填写标段编号",
    legal_source="豫公管办〔2018〕28号第八条（音视频资料）；音视频记录引用（本平台自定）",
    sources={"recording": RECORDING},
    subject="recording",
    at="hash",
    broken=broken,
    passing=(
        {"recording": [{"key": "1", "section": "S1", "hash": "a"}, {"key": "2", "section": "S2", "hash": "b"}]},
        {"recording": [{"key": "1", "section": "S1;S2", "hash": "a"}, {"key": "2", "section": "S2", "hash": "a"}]},
    ),
    failing=({"recording": [{"key": "1", "section": "S1", "hash": "a"}, {"key": "2", "section": "S2", "hash": "a"}]},),
)
