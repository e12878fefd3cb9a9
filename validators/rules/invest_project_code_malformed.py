"""IDN-009: the investment project code (投资项目统一代码) does not have its form.

A query: only the length is sure (VAL-006 rejects it), the parts inside are known from general use.
"""

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.hints import of_form
from validators.identifiers import FORMS, matches
from validators.rule import Rule, on_identifier
from validators.samples import text_field

LENGTH = 24

RULE = Rule(
    id="IDN-009",
    version=2,
    stage=Stage.IDENTIFIERS,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”（{length}位）不符合投资项目统一代码的编码规则",
    message_en='{field} "{value}" does not have the form of an investment project code',
    expected_zh="应为24位，如 2020-410100-47-03-012345",
    legal_source="公共资源交易平台系统数据规范：投资项目统一代码",
    fields=on_identifier("invest_project_code"),
    passes=lambda sight: sight.each(
        lambda part: (part.str.len_chars() != LENGTH) | matches(part, FORMS["invest_project_code"])
    ),
    hint_zh=of_form(FORMS["invest_project_code"]),
    sample_field=text_field("INVEST_PROJECT_CODE", identifier="invest_project_code", separator=";"),
    passing=({"value": "2020-410100-47-03-012345"}, {"value": "2020-410100-47-03-12345"}, {"value": None}),
    failing=(
        {"value": "2020-410100-47-03-01234X"},
        {"value": "2020/410100/47/03/012345"},
    ),
)
