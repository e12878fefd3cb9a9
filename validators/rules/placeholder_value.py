"""VAL-013: a placeholder stands where a value is required."""

from collections.abc import Mapping

from contracts.model import CodeList, Field, FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule
from validators.samples import text_field

_WORDS = (
    "无|暂无|没有|待定|待补充|待填|不详|不知道|未知|测试|测试数据|样例|"
    "null|none|nan|nil|n/a|na|test|test[0-9]+|demo|asdf|qwerty"
)
_SIGNS = r"-+|—+|_+|/+|\\+|\*+|\.+|。+|、+|\?+|？+|x{2,}|0+|1{4,}|9{3,}|1234(5|56|567|5678|56789|567890)?"
_PLACEHOLDERS = f"^(?i:{_WORDS}|{_SIGNS})$"


def _applies(candidate: Field, lists: Mapping[str, CodeList]) -> bool:
    return candidate.type is FieldType.STRING and candidate.required and candidate.code_list is None


RULE = Rule(
    id="VAL-013",
    version=2,
    stage=Stage.VALUES,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”疑为占位内容，不是真实数据",
    message_en='{field} "{value}" looks like a placeholder',
    expected_zh="应填写真实的{label}，不得以“无”“-”“测试”“0000”等占位{example}",
    legal_source="豫公管办〔2018〕28号第九条（准确性）",
    fields=_applies,
    passes=lambda sight: ~sight.form().str.strip_chars().str.contains(_PLACEHOLDERS),
    sample_field=text_field("TENDER_AGENCY_NAME", required=True),
    passing=(
        {"value": "某某咨询有限公司"},
        {"value": None},
        {"value": "2"},
        {"value": "无锡市某某公司"},
        {"value": "测试设备采购"},
        {"value": "测绘"},
    ),
    failing=(
        {"value": "-"},
        {"value": "无"},
        {"value": "N/A"},
        {"value": "测试"},
        {"value": "0"},
        {"value": "9999"},
        {"value": "00000"},
        {"value": "111111"},
        {"value": "xxx"},
        {"value": "12345678"},
        {"value": "asdf"},
        {"value": "。。"},
    ),
)
