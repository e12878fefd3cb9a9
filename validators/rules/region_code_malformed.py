"""IDN-010: the region code (行政区划代码) does not have its form."""

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.hints import of_form
from validators.identifiers import FORMS, matches
from validators.rule import Rule, on_identifier
from validators.samples import text_field

RULE = Rule(
    id="IDN-010",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”（{length}位）不符合行政区划代码的编码规则",
    message_en='{field} "{value}" does not have the form of a region code',
    expected_zh="应为6位 GB/T 2260 行政区划代码，如 410100（郑州市）",
    legal_source="公共资源交易平台系统数据规范：行政区划代码",
    fields=on_identifier("region_code"),
    passes=lambda sight: sight.each(lambda part: matches(part, FORMS["region_code"])),
    hint_zh=of_form(FORMS["region_code"]),
    sample_field=text_field("REGION_CODE", identifier="region_code", separator=";"),
    passing=({"value": "410100"}, {"value": "419001"}, {"value": None}),
    failing=(
        {"value": "41"},
        {"value": "010100"},
        {"value": "郑州市"},
    ),
)
