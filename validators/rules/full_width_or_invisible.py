"""VAL-014: full-width letters or digits, or invisible characters, stand in a text."""

import re
from collections.abc import Mapping

from contracts.model import CodeList, Field, FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, on_type
from validators.samples import text_field

_ODD = (
    "[\\x{FF10}-\\x{FF19}\\x{FF21}-\\x{FF3A}\\x{FF41}-\\x{FF5A}"
    "\\x{200B}-\\x{200F}\\x{2028}-\\x{202E}\\x{2060}\\x{FEFF}]"
)
_WIDE = {code: code - 0xFEE0 for first, last in ("０９", "ＡＺ", "ａｚ") for code in range(ord(first), ord(last) + 1)}


def hint_zh(value: str, field: Field, lists: Mapping[str, CodeList]) -> str | None:
    """The value with half-width letters and digits, and without what cannot be seen."""
    return f"应为“{re.sub(_UNSEEN, '', value.translate(_WIDE))}”"


_UNSEEN = "[\u200b-\u200f\u2028-\u202e\u2060\ufeff]"


RULE = Rule(
    id="VAL-014",
    version=1,
    stage=Stage.VALUES,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”含全角字母、全角数字或不可见字符",
    message_en='{field} "{value}" holds full-width letters or digits, or invisible characters',
    expected_zh="字母和数字应为半角（如 A1，不是 Ａ１），并删除不可见字符{example}",
    legal_source="豫公管办〔2018〕28号第九条（准确性）",
    fields=on_type(FieldType.STRING),
    passes=lambda sight: ~sight.form().str.contains(_ODD),
    screen=_ODD,
    hint_zh=hint_zh,
    sample_field=text_field("TENDER_AGENCY_NAME"),
    passing=(
        {"value": "某某咨询有限公司（郑州）"},
        {"value": "A1"},
        {"value": None},
    ),
    failing=(
        {"value": "ＡＢＣ公司"},
        {"value": "１号楼"},
        {"value": "某\u200b公司"},
        {"value": "\ufeff某公司"},
    ),
)
