"""TIM-012: the length of a recording is not its end minus its start."""

import polars as pl

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, Sight


def passes(sight: Sight) -> pl.Expr:
    """At most 2 s or 0.5 % apart; times in wrong order are another rule's fault."""
    measured = (sight["end"] - sight["start"]).dt.total_seconds().cast(pl.Float64)
    apart = (sight["seconds"].cast(pl.Float64) - measured).abs()
    return pl.when(measured > 0).then((apart <= 2) | (apart <= measured * 0.005))


RULE = Rule(
    id="TIM-012",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.REJECT,
    dimension=Dimension.CONSISTENCY,
    message_zh="{label}为 {seconds} 秒，与录制起止时间之差不符（{start} 至 {end}）",
    message_en="{field} is {seconds} s, which does not fit {start} to {end}",
    expected_zh="时长应等于结束时间减开始时间（允许误差2秒或0.5%）",
    legal_source="逻辑；音视频记录引用（本平台自定）：时长",
    roles={"start": FieldType.DATETIME, "end": FieldType.DATETIME, "seconds": FieldType.DECIMAL},
    bindings=({"start": "RECORD_START_TIME", "end": "RECORD_END_TIME", "seconds": "DURATION_SECONDS"},),
    at="seconds",
    passes=passes,
    passing=(
        {"start": "20260105090000", "end": "20260105100000", "seconds": "3600"},
        {"start": "20260105090000", "end": "20260105100000", "seconds": "3618"},
        {"start": "20260105090000", "end": "20260105090010", "seconds": "12"},
        {"start": "20260105100000", "end": "20260105090000", "seconds": "1"},
        {"start": "20260105090000", "end": "20260105100000", "seconds": None},
    ),
    failing=(
        {"start": "20260105090000", "end": "20260105100000", "seconds": "3619"},
        {"start": "20260105090000", "end": "20260105090010", "seconds": "12.1"},
        {"start": "20260105090000", "end": "20260105100000", "seconds": "60"},
    ),
)
