"""STR-001: a record without DATA_KEY (数据主键)."""

from exchange_hub.core.records import DATA_KEY, Dimension, Severity, Stage
from validators.rule import Over, Rule, on_name
from validators.samples import text_field

RULE = Rule(
    id="STR-001",
    version=1,
    stage=Stage.STRUCTURE,
    severity=Severity.REJECT,
    dimension=Dimension.COMPLETENESS,
    message_zh="缺少数据主键（DATA_KEY）",
    message_en="DATA_KEY is missing",
    expected_zh="应填写22位字母或数字的数据主键，同一记录的主键终身不变",
    legal_source="公共资源交易平台系统数据规范：数据主键",
    over=Over.ENVELOPE,
    fields=on_name(DATA_KEY),
    passes=lambda sight: sight.text().is_not_null(),
    key_rule=True,
    fixed=True,
    sample_field=text_field(DATA_KEY),
    passing=({"value": "7201500000000000000001"},),
    failing=({"value": None}, {"value": "   "}),
)
