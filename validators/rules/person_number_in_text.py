"""IDN-014: an identity number (公民身份号码) stands in a field that is not made for it."""

from collections.abc import Mapping

from contracts.model import CodeList, Field, FieldType
from exchange_hub.core.masking import without_numbers
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.personal import PERSON_IN_TEXT, holds_person_number
from validators.rule import Rule
from validators.samples import text_field


def _applies(candidate: Field, lists: Mapping[str, CodeList]) -> bool:
    is_text = candidate.type in (FieldType.STRING, FieldType.TEXT)
    return is_text and candidate.code_list is None and candidate.personal not in ("id_number", "bank_account")


RULE = Rule(
    id="IDN-014",
    version=2,
    stage=Stage.IDENTIFIERS,
    severity=Severity.QUERY,
    dimension=Dimension.LEGALITY,
    message_zh="{label}中含有公民身份号码（已隐去）",
    message_en="{field} holds an identity number (starred here)",
    expected_zh="该字段不应含身份号码；请删去后重报，确需报送的填入对应的证件号码字段",
    legal_source="个人信息保护法第5、6条（必要、最小范围）",
    fields=_applies,
    passes=lambda sight: ~holds_person_number(sight.form()),
    screen=PERSON_IN_TEXT,
    shows=without_numbers,
    sample_field=text_field("BID_MANAGER", personal="name"),
    passing=(
        {"value": "张某某"},
        {"value": "HT-410100202601050001"},
        {"value": "410100202601050002"},
        {"value": None},
    ),
    failing=(
        {"value": "张某某 11010519491231002X"},
        {"value": "11010519491231002X"},
        {"value": "身份证11010519491231002x号"},
        {"value": "410100202601050002 11010519491231002X"},
    ),
)
