"""IDN-004: the unified trading identifier (统一交易标识码) does not have its form."""

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.hints import of_form
from validators.identifiers import FORMS, matches
from validators.rule import Rule, on_identifier
from validators.samples import text_field

RULE = Rule(
    id="IDN-004",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”（{length}位）不符合统一交易标识码的编码规则",
    message_en='{field} "{value}" does not have the form of a unified trading identifier',
    expected_zh="应为40位：交易分类3位-统一社会信用代码18位-日期8位-流水6位-校验1位，"
    "如 A01-91350100M000100Y43-20210525-000012-T",
    legal_source="公共资源交易平台系统数据规范：统一交易标识码",
    fields=on_identifier("unified_deal_code"),
    passes=lambda sight: sight.each(lambda part: matches(part, FORMS["unified_deal_code"])),
    hint_zh=of_form(FORMS["unified_deal_code"]),
    sample_field=text_field("UNIFIED_DEAL_CODE", identifier="unified_deal_code", separator=";"),
    passing=(
        {"value": "A01-91350100M000100Y43-20210525-000012-T"},
        {"value": "A01-91350100M000100Y43-20210525-000012-*"},
        {"value": None},
    ),
    failing=(
        {"value": "91350100M000100Y43-20210525-000012-T"},
        {"value": "A01-91350100M000100Y43-20210525-000012"},
    ),
)
