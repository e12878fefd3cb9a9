"""LNK-008: no recording of the opening covers the moment of the opening (RSN-ALL-018)."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import OPENING, RECORDING
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """Openings of sections that have recordings of it (SESSION_KIND 3), all of them elsewhere in time."""
    takes = frames["recording"].filter(pl.col("session") == "3").drop_nulls(["section", "start", "end"])
    takes = takes.select("section", "start", "end")
    covered = pl.col("opened").is_between(pl.col("start"), pl.col("end"))
    both = frames["opening"].drop_nulls("opened").join(takes, on="section")
    return both.filter(~covered.any().over("key", "section")).unique(["key", "section"], maintain_order=True)


RULE = CrossRule(
    id="LNK-008",
    version=1,
    severity=Severity.QUERY,
    dimension=Dimension.COMPLETENESS,
    message_zh="标段 {section} 有开标录像，但没有一段覆盖开标时间（{opened}）",
    message_en="section {section} has recordings of the opening, but none covers its moment ({opened})",
    expected_zh="开标录像应从开标前开始、到开标结束；请核对录制起止时间，或补报缺失的分段",
    legal_source="豫公管办〔2018〕28号第八条（音视频资料实时共享）",
    sources={"opening": OPENING, "recording": RECORDING},
    subject="opening",
    at="opened",
    broken=broken,
    passing=(
        {
            "opening": [{"key": "O", "section": "S1", "opened": "20260126090000"}],
            "recording": [
                {"key": "R", "section": "S1", "session": "3", "start": "20260126085000", "end": "20260126100000"},
                {"key": "Q", "section": "S1", "session": "3", "start": "20260126100000", "end": "20260126110000"},
            ],
        },
        {
            "opening": [{"key": "O", "section": "S1", "opened": "20260126090000"}],
            "recording": [
                {"key": "R", "section": "S1", "session": "4", "start": "20260126100000", "end": "20260126110000"}
            ],
        },
    ),
    failing=(
        {
            "opening": [{"key": "O", "section": "S1;S2", "opened": "20260126090000"}],
            "recording": [
                {"key": "R", "section": "S2", "session": "3", "start": "20260126090001", "end": "20260126100000"}
            ],
        },
    ),
)
