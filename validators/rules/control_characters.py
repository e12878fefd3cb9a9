"""VAL-012: a text holds control characters, which no system can show or store safely."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, on_type
from validators.samples import text_field

# All but tabulator, line feed and carriage return; also the non-characters U+FFFE and U+FFFF.
_CONTROL = "[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x9F\\x{FFFE}\\x{FFFF}]"

RULE = Rule(
    id="VAL-012",
    version=1,
    stage=Stage.VALUES,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}含有控制字符：“{value}”",
    message_en='{field} holds control characters: "{value}"',
    expected_zh="请删除不可见的控制字符（常由复制粘贴或编码错误带入）",
    legal_source="公共资源交易平台系统数据规范：数据格式",
    fields=on_type(FieldType.STRING, FieldType.TEXT),
    passes=lambda sight: ~sight.form().str.contains(_CONTROL),
    screen=_CONTROL,
    fixed=True,
    sample_field=text_field("PROJECT_NAME"),
    passing=({"value": "第一行\n第二行\t完"}, {"value": None}),
    failing=({"value": "大桥\x00工程"}, {"value": "大桥\x0b工程"}, {"value": "\x7f"}),
)
