"""STR-006: a field stands more than once in one record, so its value is not certain."""

from exchange_hub.core.records import REPEATED, Dimension, Severity, Stage
from validators.rule import Over, Rule, on_name
from validators.samples import text_field

RULE = Rule(
    id="STR-006",
    version=1,
    stage=Stage.STRUCTURE,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="同一记录中字段重复出现：{value}",
    message_en="a field stands more than once in one record: {value}",
    expected_zh="一条记录中每个字段只应出现一次；多个值请在一个字段中以分号分隔",
    legal_source="公共资源交易平台系统数据规范：数据格式",
    over=Over.ENVELOPE,
    fields=on_name(REPEATED),
    passes=lambda sight: sight.text().is_null(),
    fixed=True,
    sample_field=text_field(REPEATED),
    passing=({"value": None},),
    failing=({"value": "PROJECT_NAME"},),
)
