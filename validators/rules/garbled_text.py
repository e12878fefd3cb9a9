"""VAL-018: a text was read in the wrong encoding somewhere on its way."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, on_type
from validators.samples import text_field

_GARBLED = r"锟斤拷|\x{FFFD}|烫烫烫|屯屯屯|[åæç][\x{80}-\x{BF}\x{2018}-\x{2030}][^\x00-\x7F]|^[?]{3,}$"


RULE = Rule(
    id="VAL-018",
    version=1,
    stage=Stage.VALUES,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}疑为乱码：“{value}”",
    message_en='{field} looks garbled: "{value}"',
    expected_zh="应为可读的中文；请检查系统导出时的字符编码（应统一为 UTF-8），重新导出",
    legal_source="豫公管办〔2018〕28号第九条（准确性）",
    fields=on_type(FieldType.STRING, FieldType.TEXT),
    passes=lambda sight: ~sight.form().str.contains(_GARBLED),
    screen=r"[锟烫屯åæç\x{FFFD}]|[?]{3}",
    sample_field=text_field("PROJECT_NAME"),
    passing=(
        {"value": "某某大桥工程"},
        {"value": "Ä工程"},
        {"value": None},
        {"value": "?"},
    ),
    failing=(
        {"value": "锟斤拷锟斤拷"},
        {"value": "某某\ufffd桥"},
        {"value": "烫烫烫"},
        {"value": "å·¥ç¨‹"},
        {"value": "??????"},
    ),
)
