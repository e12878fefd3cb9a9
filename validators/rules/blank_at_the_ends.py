"""VAL-015: a value begins or ends with white space, so it will not be found again by equality."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, on_type
from validators.samples import text_field

_BLANK = r"^\s|\s$"


RULE = Rule(
    id="VAL-015",
    version=1,
    stage=Stage.VALUES,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”首尾有空格或换行",
    message_en='{field} "{value}" begins or ends with white space',
    expected_zh="应删除首尾的空格、制表符和换行",
    legal_source="豫公管办〔2018〕28号第九条（准确性）",
    fields=on_type(FieldType.STRING),
    passes=lambda sight: ~sight.text().str.contains(_BLANK),
    screen=_BLANK,
    hint_zh=lambda value, field, lists: f"应为“{value.strip()}”",
    sample_field=text_field("PROJECT_NAME"),
    passing=(
        {"value": "某某大桥 工程"},
        {"value": None},
        {"value": "   "},
    ),
    failing=(
        {"value": " 某某大桥工程"},
        {"value": "某某大桥工程\u3000"},
        {"value": "A01\n"},
        {"value": "\u00a0A01"},
    ),
)
