"""IDN-003: a section code (标段编号) does not have its form."""

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.hints import of_form
from validators.identifiers import FORMS, matches
from validators.rule import Rule, on_identifier
from validators.samples import text_field

RULE = Rule(
    id="IDN-003",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”（{length}位）不符合标段（包）编号的编码规则",
    message_en='{field} "{value}" does not have the form of a section code',
    expected_zh="应为23位：20位招标项目编号+3位流水，如 E4101002105250001001001；多个编号以分号分隔",
    legal_source="公共资源交易平台系统数据规范：标段（包）编号",
    fields=on_identifier("section_code"),
    passes=lambda sight: sight.each(lambda part: matches(part, FORMS["section_code"])),
    hint_zh=of_form(FORMS["section_code"]),
    sample_field=text_field("BID_SECTION_CODES", identifier="section_code", separator=";"),
    passing=(
        {"value": "E4101002105250001001001"},
        {"value": "E4101002105250001001001;E4101002105250001001002"},
        {"value": None},
    ),
    failing=(
        {"value": "E4101002105250001001"},
        {"value": "E4101002105250001001001;"},
        {"value": "E4101002105250001001001,E4101002105250001001002"},
    ),
)
