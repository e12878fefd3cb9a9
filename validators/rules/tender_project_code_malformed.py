"""IDN-002: the tender project code (招标项目编号) does not have its form."""

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.hints import of_form
from validators.identifiers import FORMS, matches
from validators.rule import Rule, on_identifier
from validators.samples import text_field

RULE = Rule(
    id="IDN-002",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”（{length}位）不符合招标项目编号的编码规则",
    message_en='{field} "{value}" does not have the form of a tender project code',
    expected_zh="应为20位：17位项目编号+3位流水，如 E4101002105250001001",
    legal_source="公共资源交易平台系统数据规范：招标项目编号",
    fields=on_identifier("tender_project_code"),
    passes=lambda sight: sight.each(lambda part: matches(part, FORMS["tender_project_code"])),
    hint_zh=of_form(FORMS["tender_project_code"]),
    sample_field=text_field("TENDER_PROJECT_CODE", identifier="tender_project_code", separator=";"),
    passing=({"value": "E4101002105250001001"}, {"value": None}),
    failing=(
        {"value": "E4101002105250001"},
        {"value": "E410100210525000100A"},
    ),
)
