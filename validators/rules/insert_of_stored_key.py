"""REF-006: an insert names a DATA_KEY that is already stored with other content."""

from exchange_hub.core.records import DATA_KEY, DATA_TYPE, Dimension, Operation, Severity, Stage
from validators.rule import Over, Rule, on_name
from validators.samples import text_field

RULE = Rule(
    id="REF-006",
    version=1,
    stage=Stage.REFERENCES,
    severity=Severity.REJECT,
    dimension=Dimension.CONSISTENCY,
    message_zh="新增的数据主键“{value}”已入库，且内容不同",
    message_en='an insert names DATA_KEY "{value}", which is stored with other content',
    expected_zh="修改已入库的记录请用 DATA_TYPE=2；若为新记录，请使用新的数据主键",
    legal_source="公共资源交易平台系统数据规范：数据操作类型",
    over=Over.ENVELOPE,
    fields=on_name(DATA_KEY),
    passes=lambda sight: (sight.sibling(DATA_TYPE) != Operation.INSERT.value) | ~sight.fact("stored_differs"),
    key_rule=True,
    fixed=True,
    sample_field=text_field(DATA_KEY),
    passing=(
        {"value": "7201500000000000000001", "DATA_TYPE": "2", "fact:stored_differs": True},
        {"value": "7201500000000000000001", "DATA_TYPE": "1", "fact:stored_differs": False},
    ),
    failing=({"value": "7201500000000000000001", "DATA_TYPE": "1", "fact:stored_differs": True},),
)
