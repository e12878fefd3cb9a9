"""VAL-016: HTML tags stand in a name, or a script in any text."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, on_type
from validators.samples import text_field

_SCRIPT = r"(?i)<\s*(script|iframe|object|embed)\b|<[^>]*\bon[a-z]+\s*=|javascript:"
_TAG = r"(?i)</?[a-z][a-z0-9]*(\s[^<>]*)?/?>|&(nbsp|lt|gt|amp|quot|#[0-9]+);|<!--"


RULE = Rule(
    id="VAL-016",
    version=1,
    stage=Stage.VALUES,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}含有网页标签或脚本：“{value}”",
    message_en='{field} holds HTML tags or a script: "{value}"',
    expected_zh="应为纯文字，不含 <p>、<br>、&nbsp; 等网页标签；正文中不得含脚本",
    legal_source="豫公管办〔2018〕28号第九条（准确性）",
    fields=on_type(FieldType.STRING, FieldType.TEXT),
    passes=lambda sight: ~sight.form().str.contains(_SCRIPT if sight.field.type is FieldType.TEXT else _TAG),
    screen="[<&]|[tT]:",
    sample_field=text_field("PROJECT_NAME"),
    passing=(
        {"value": "某某大桥工程"},
        {"value": "A<B且B>C"},
        {"value": "面积<90㎡"},
        {"value": None},
    ),
    failing=(
        {"value": "<b>某某大桥工程</b>"},
        {"value": "某某工程<br/>"},
        {"value": "a&nbsp;b"},
        {"value": "<script>alert(1)</script>"},
        {"value": "<img src=x onerror=alert(1)>"},
    ),
)
