"""IDN-001: the project code (项目编号) does not have its form."""

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.hints import of_form
from validators.identifiers import FORMS, matches
from validators.rule import Rule, on_identifier
from validators.samples import text_field

RULE = Rule(
    id="IDN-001",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”（{length}位）不符合项目编号的编码规则",
    message_en='{field} "{value}" does not have the form of a project code',
    expected_zh="应为17位：1位大写字母+6位行政区划+6位日期+4位流水，如 E4101002105250001",
    legal_source="公共资源交易平台系统数据规范：项目编号",
    fields=on_identifier("project_code"),
    passes=lambda sight: sight.each(lambda part: matches(part, FORMS["project_code"])),
    hint_zh=of_form(FORMS["project_code"]),
    sample_field=text_field("PROJECT_CODE", identifier="project_code", separator=";"),
    passing=({"value": "E4101002105250001"}, {"value": None}),
    failing=(
        {"value": "e4101002105250001"},
        {"value": "E410100210525000"},
        {"value": "E４101002105250001"},
    ),
)
