"""IDN-006: a unified social credit code (统一社会信用代码) has a wrong form or check character.

An old organisation code of 9 characters is left to IDN-007.
"""

from collections.abc import Mapping

from contracts.model import CodeList, Field
from exchange_hub.core.check_digits import USCC_ALPHABET, uscc_check
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.hints import repaired
from validators.identifiers import org_code, uscc
from validators.parts import first_wrong
from validators.rule import Rule, on_identifier
from validators.samples import text_field


def hint_zh(value: str, field: Field, lists: Mapping[str, CodeList]) -> str | None:
    """Which check character it should be, where all but that one can be right."""
    wrong = first_wrong(value, lambda part: _measures(part) and uscc_check(part[:17]) != part[17])
    if wrong is None:
        meant = repaired(value, _sound)
        return None if meant is None else f"应为 {meant}（半角、大写、无空格）"
    check = uscc_check(wrong[:17])
    return f"{wrong} 的末位校验码与前17位不符：前17位无误时末位应为 {check}；请与营业执照等证照核对"


def _measures(part: str) -> bool:
    return len(part) == 18 and set(part[:17]) <= set(USCC_ALPHABET) and part[2:8].isdecimal()


def _sound(part: str) -> bool:
    return _measures(part) and uscc_check(part[:17]) == part[17]


RULE = Rule(
    id="IDN-006",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”（{length}位）不是有效的统一社会信用代码",
    message_en='{field} "{value}" is not a valid unified social credit code',
    expected_zh="应为18位统一社会信用代码（数字和大写字母，不含 I、O、S、V、Z），如 91350100M000100Y43",
    legal_source="GB 32100-2015 法人和其他组织统一社会信用代码编码规则",
    fields=on_identifier("social_credit_code"),
    passes=lambda sight: sight.each(lambda part: uscc(part) | org_code(part)),
    hint_zh=hint_zh,
    sample_field=text_field("TENDERER_CODE", identifier="social_credit_code", separator=";"),
    passing=(
        {"value": "91350100M000100Y43"},
        {"value": "91350100M000100Y43;91350100M000100Y43"},
        {"value": "M000100Y4"},
        {"value": None},
    ),
    failing=({"value": "91350100M000100Y44"}, {"value": "91350100M000100Y4"}, {"value": "91350100m000100y43"}),
)
