"""STR-003: DATA_TYPE (数据操作类型) is not 1, 2 or 3."""

from exchange_hub.core.records import DATA_TYPE, Dimension, Severity, Stage
from validators.rule import Over, Rule, on_name
from validators.samples import text_field

RULE = Rule(
    id="STR-003",
    version=1,
    stage=Stage.STRUCTURE,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="数据操作类型（DATA_TYPE）“{value}”无效",
    message_en='DATA_TYPE "{value}" is not one of 1, 2, 3',
    expected_zh="应为 1（新增）、2（修改）或 3（删除）",
    legal_source="公共资源交易平台系统数据规范：数据操作类型",
    over=Over.ENVELOPE,
    fields=on_name(DATA_TYPE),
    passes=lambda sight: sight.text().is_in(["1", "2", "3"]).fill_null(False),
    key_rule=True,
    fixed=True,
    sample_field=text_field(DATA_TYPE),
    passing=({"value": "1"}, {"value": "3"}),
    failing=({"value": "4"}, {"value": "01"}, {"value": None}),
)
