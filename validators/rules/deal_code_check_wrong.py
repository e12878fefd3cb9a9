"""IDN-005: the check character of a unified trading identifier (统一交易标识码) does not fit.

A query only: no official worked example was found, and issuers are known to compute it differently.
"""

from collections.abc import Mapping

from contracts.model import CodeList, Field
from exchange_hub.core.check_digits import unified_deal_check
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.identifiers import deal_check
from validators.parts import first_wrong
from validators.rule import Rule, on_identifier
from validators.samples import text_field


def hint_zh(value: str, field: Field, lists: Mapping[str, CodeList]) -> str | None:
    """Which check character it should be."""
    wrong = first_wrong(value, lambda part: len(part) == 40 and part[-1] != _check(part))
    return None if wrong is None else f"请核对；{wrong} 的校验位按 GB/T 17710 应为 {_check(wrong)}"


def _check(code: str) -> str:
    return unified_deal_check(code.replace("-", "")[:35])


RULE = Rule(
    id="IDN-005",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”的校验位不符",
    message_en='the check character of {field} "{value}" does not fit',
    expected_zh="请核对统一交易标识码的校验位（GB/T 17710 MOD 37-2）",
    legal_source="GB/T 17710；公共资源交易平台系统数据规范：统一交易标识码",
    fields=on_identifier("unified_deal_code"),
    passes=lambda sight: sight.each(deal_check),
    hint_zh=hint_zh,
    sample_field=text_field("UNIFIED_DEAL_CODE", identifier="unified_deal_code"),
    passing=({"value": "A01-91350100M000100Y43-20210525-000012-T"}, {"value": "not a code"}, {"value": None}),
    failing=({"value": "A01-91350100M000100Y43-20210525-000012-3"},),
)
