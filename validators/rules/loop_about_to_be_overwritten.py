"""TIM-015: a recording older than 25 days still lies in a loop that is overwritten after about 30."""

from datetime import timedelta

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="TIM-015",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.ALERT,
    dimension=Dimension.TIMELINESS,
    message_zh="录制结束（{end}）已超过25天，仍只在循环存储中，即将被覆盖",
    message_en="ended more than 25 days ago ({end}) and still only in a loop about to be overwritten",
    expected_zh="应在30天循环覆盖之前转存归档（STORAGE_KIND=2），并重报存储类别和访问地址",
    legal_source="本地交易中心音视频监控规定（循环存储不少于30天，开评标录像须另行归档）；政府采购法第42条",
    roles={"kind": FieldType.STRING, "end": FieldType.DATETIME},
    bindings=({"kind": "STORAGE_KIND", "end": "RECORD_END_TIME"},),
    at="kind",
    passes=lambda sight: (sight["kind"] != "1") | (sight.received_at - sight["end"] <= timedelta(days=25)),
    passing=(
        {"kind": "1", "end": "20260605120000"},
        {"kind": "2", "end": "20250101000000"},
        {"kind": "1", "end": None},
    ),
    failing=({"kind": "1", "end": "20260605115959"},),
)
