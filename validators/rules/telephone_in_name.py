"""IDN-015: a mobile number stands in a name field."""

from collections.abc import Mapping

from contracts.model import CodeList, Field, FieldType
from exchange_hub.core.masking import without_numbers
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.personal import MOBILE_IN_TEXT
from validators.rule import Rule
from validators.samples import text_field


def _applies(candidate: Field, lists: Mapping[str, CodeList]) -> bool:
    return candidate.type is FieldType.STRING and (candidate.personal == "name" or candidate.name.endswith("_NAME"))


RULE = Rule(
    id="IDN-015",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}中含有手机号码（已隐去）",
    message_en="{field} holds a mobile number (starred here)",
    expected_zh="姓名、名称字段只填姓名或名称；电话请填入联系电话字段",
    legal_source="个人信息保护法第6条；豫公管办〔2018〕28号第九条（准确性）",
    fields=_applies,
    passes=lambda sight: ~sight.form().str.contains(MOBILE_IN_TEXT),
    shows=without_numbers,
    sample_field=text_field("CONTACTOR", personal="name"),
    passing=(
        {"value": "张某某"},
        {"value": "某某公司"},
        {"value": "HT-13800000000"},
        {"value": None},
    ),
    failing=(
        {"value": "13800000000"},
        {"value": "张某某 13800000000"},
        {"value": "张某某（13800000000）"},
    ),
)
