"""TIM-006: a recording (音视频) ends before (or when) it starts."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="TIM-006",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.REJECT,
    dimension=Dimension.REASONABLENESS,
    message_zh="音视频结束时间（{end}）不晚于开始时间（{start}）",
    message_en="the recording ends ({end}) no later than it starts ({start})",
    expected_zh="音视频结束时间应晚于开始时间",
    legal_source="逻辑顺序；豫公管办〔2018〕28号第八条（音视频资料实时共享）",
    roles={"start": FieldType.DATETIME, "end": FieldType.DATETIME},
    bindings=({"start": "RECORD_START_TIME", "end": "RECORD_END_TIME"},),
    at="end",
    passes=lambda sight: sight["start"] < sight["end"],
    passing=({"start": "20260105090000", "end": "20260105113000"}, {"start": "20260105090000", "end": None}),
    failing=(
        {"start": "20260105090000", "end": "20260105090000"},
        {"start": "20260105113000", "end": "20260105090000"},
    ),
)
