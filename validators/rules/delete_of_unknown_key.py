"""REF-007: a deletion names a DATA_KEY that was never stored."""

from exchange_hub.core.records import DATA_KEY, DATA_TYPE, Dimension, Operation, Severity, Stage
from validators.rule import Over, Rule, on_name
from validators.samples import text_field

RULE = Rule(
    id="REF-007",
    version=1,
    stage=Stage.REFERENCES,
    severity=Severity.REJECT,
    dimension=Dimension.CONSISTENCY,
    message_zh="要删除的数据主键“{value}”从未入库",
    message_en='a deletion names DATA_KEY "{value}", which was never stored',
    expected_zh="请核对数据主键；只能删除已入库的记录",
    legal_source="公共资源交易平台系统数据规范：数据操作类型",
    over=Over.ENVELOPE,
    fields=on_name(DATA_KEY),
    passes=lambda sight: (sight.sibling(DATA_TYPE) != Operation.DELETE.value) | sight.fact("known"),
    key_rule=True,
    fixed=True,
    sample_field=text_field(DATA_KEY),
    passing=(
        {"value": "7201500000000000000001", "DATA_TYPE": "3", "fact:known": True},
        {"value": "7201500000000000000001", "DATA_TYPE": "1", "fact:known": False},
    ),
    failing=({"value": "7201500000000000000001", "DATA_TYPE": "3", "fact:known": False},),
)
