"""CND-016: a recording kept as a file has no address, or no hash."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="CND-016",
    version=1,
    stage=Stage.CONDITIONS,
    severity=Severity.QUERY,
    dimension=Dimension.COMPLETENESS,
    message_zh="引用类别为文件，但“{label}”（{field}）为空",
    message_en="the reference is to a file, but {field} is empty",
    expected_zh="引用文件（REFERENCE_KIND=1）时应填写访问地址、摘要算法和摘要值",
    legal_source="豫公管办〔2018〕28号第八条（音视频资料）；音视频记录引用（本平台自定）",
    roles={"kind": FieldType.STRING, "needed": FieldType.STRING},
    bindings=({"kind": "REFERENCE_KIND", "needed": "URL"}, {"kind": "REFERENCE_KIND", "needed": "HASH_VALUE"}),
    at="needed",
    passes=lambda sight: (sight["kind"] != "1") | sight["needed"].is_not_null(),
    passing=(
        {"kind": "1", "needed": "https://av.example.cn/a.mp4"},
        {"kind": "2", "needed": None},
        {"kind": None, "needed": None},
    ),
    failing=({"kind": "1", "needed": None},),
)
