"""TIM-014: the address of a recording had expired when it was registered."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="TIM-014",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.QUERY,
    dimension=Dimension.REASONABLENESS,
    message_zh="地址失效时间（{later}）早于登记时间（{earlier}）",
    message_en="the address expires ({later}) before the recording is registered ({earlier})",
    expected_zh="应报送登记时仍然有效的访问地址",
    legal_source="逻辑；音视频记录引用（本平台自定）",
    roles={"earlier": FieldType.DATETIME, "later": FieldType.DATETIME},
    bindings=({"earlier": "REGISTERED_TIME", "later": "URL_EXPIRY_TIME"},),
    at="later",
    passes=lambda sight: sight["earlier"] <= sight["later"],
    passing=(
        {"earlier": "20260105090000", "later": "20260205090000"},
        {"earlier": "20260105090000", "later": None},
    ),
    failing=({"earlier": "20260105090000", "later": "20260104090000"},),
)
