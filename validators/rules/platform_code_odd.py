"""IDN-020: a platform code does not look like a credit code."""

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.identifiers import USCC_FORM, matches
from validators.rule import Rule, on_identifier
from validators.samples import text_field

RULE = Rule(
    id="IDN-020",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”不是统一社会信用代码的形式",
    message_en='{field} "{value}" does not have the form of a credit code',
    expected_zh="应为18位系统标识码（与运营单位统一社会信用代码同形），如 91410100MA00000007",
    legal_source="公共资源交易平台系统数据规范：交易系统标识码（形式为推断）",
    fields=on_identifier("platform_code"),
    passes=lambda sight: sight.each(lambda part: (part.str.len_chars() != 18) | matches(part, USCC_FORM)),
    sample_field=text_field("PUB_SERVICE_PLAT_CODE", identifier="platform_code", exact_length=18),
    passing=(
        {"value": "91410100MA00000007"},
        {"value": "9141"},
        {"value": None},
    ),
    failing=(
        {"value": "91410100ma00000007"},
        {"value": "ZZZZZZZZZZZZZZZZZZ"},
    ),
)
