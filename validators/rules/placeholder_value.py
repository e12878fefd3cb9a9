"""VAL-013: a placeholder stands for a required value, or full-width or invisible characters stand in a text."""

import polars as pl

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, Sight, on_type
from validators.samples import text_field

_WORDS = "无|暂无|待定|待补充|不详|未知|测试|null|none|nan|n/a|na|test|x{2,}|0{3,}"
_SIGNS = r"-+|—+|/+|\\+|\*+|\.+|。+|、+|\?+|？+"
_PLACEHOLDERS = f"^(?i:{_WORDS}|{_SIGNS})$"
_ODD = "[\\x{FF10}-\\x{FF19}\\x{FF21}-\\x{FF3A}\\x{FF41}-\\x{FF5A}\\x{200B}-\\x{200F}\\x{FEFF}\\x{FFFD}]"


def passes(sight: Sight) -> pl.Expr:
    """No placeholder where a value is required; no full-width letter or digit, no invisible character."""
    text = sight.form()
    odd = text.str.contains(_ODD)
    return ~(odd | text.str.strip_chars().str.contains(_PLACEHOLDERS)) if sight.field.required else ~odd


RULE = Rule(
    id="VAL-013",
    version=1,
    stage=Stage.VALUES,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”疑为占位内容，或含全角、不可见字符",
    message_en='{field} "{value}" looks like a placeholder or holds full-width or invisible characters',
    expected_zh="请填写真实内容，字母和数字用半角{example}",
    legal_source="豫公管办〔2018〕28号第九条（准确性）",
    fields=on_type(FieldType.STRING),
    passes=passes,
    sample_field=text_field("TENDER_AGENCY_NAME", required=True),
    passing=({"value": "某某咨询有限公司"}, {"value": None}, {"value": "2"}),
    failing=({"value": "-"}, {"value": "无"}, {"value": "N/A"}, {"value": "ＡＢＣ公司"}, {"value": "某\u200b公司"}),
)
