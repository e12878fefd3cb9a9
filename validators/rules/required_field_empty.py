"""PRS-001: a required field is empty (null, empty text or only white space)."""

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule
from validators.samples import text_field

RULE = Rule(
    id="PRS-001",
    version=1,
    stage=Stage.PRESENCE,
    severity=Severity.REJECT,
    dimension=Dimension.COMPLETENESS,
    message_zh="必填字段“{label}”（{field}）为空",
    message_en="required field {field} is empty",
    expected_zh="应填写{label}{example}",
    legal_source="豫公管办〔2018〕28号第七条（完整性）",
    fields=lambda candidate, _: candidate.required,
    passes=lambda sight: sight.text().is_not_null(),
    sample_field=text_field("PROJECT_NAME", required=True),
    passing=({"value": "某某大桥工程"}, {"value": "0"}),
    failing=({"value": None}, {"value": ""}, {"value": " \u3000"}),
)
