"""REF-009: an update names a DATA_KEY that was never stored; it is taken as the record's first version."""

from exchange_hub.core.records import DATA_KEY, DATA_TYPE, Dimension, Operation, Severity, Stage
from validators.rule import Over, Rule, on_name
from validators.samples import text_field

RULE = Rule(
    id="REF-009",
    version=1,
    stage=Stage.REFERENCES,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="要修改的数据主键“{value}”从未入库，已按首个版本收下",
    message_en='an update names DATA_KEY "{value}", which was never stored; taken as its first version',
    expected_zh="请核对数据主键；首次报送请用 DATA_TYPE=1",
    legal_source="公共资源交易平台系统数据规范：数据操作类型",
    over=Over.ENVELOPE,
    fields=on_name(DATA_KEY),
    passes=lambda sight: (sight.sibling(DATA_TYPE) != Operation.UPDATE.value) | sight.fact("known"),
    sample_field=text_field(DATA_KEY),
    passing=(
        {"value": "7201500000000000000001", "DATA_TYPE": "2", "fact:known": True},
        {"value": "7201500000000000000001", "DATA_TYPE": "1", "fact:known": False},
    ),
    failing=({"value": "7201500000000000000001", "DATA_TYPE": "2", "fact:known": False},),
)
