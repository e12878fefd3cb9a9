"""TIM-013: a recording is to be kept until a day before it ends."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="TIM-013",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.REJECT,
    dimension=Dimension.CONSISTENCY,
    message_zh="保存期限（{until}）早于录制结束时间（{end}）",
    message_en="it is to be kept until {until}, before it ends ({end})",
    expected_zh="保存期限应晚于录制结束日",
    legal_source="逻辑；音视频记录引用（本平台自定）：保存期限",
    roles={"end": FieldType.DATETIME, "until": FieldType.DATE},
    bindings=({"end": "RECORD_END_TIME", "until": "RETAIN_UNTIL_DATE"},),
    at="until",
    passes=lambda sight: sight["until"] >= sight["end"].dt.date(),
    passing=(
        {"end": "20260105100000", "until": "20260105"},
        {"end": "20260105100000", "until": "20420101"},
        {"end": "20260105100000", "until": None},
    ),
    failing=({"end": "20260105100000", "until": "20260104"},),
)
