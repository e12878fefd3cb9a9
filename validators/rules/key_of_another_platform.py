"""REF-008: the DATA_KEY belongs to a record of another platform."""

from exchange_hub.core.records import DATA_KEY, Dimension, Severity, Stage
from validators.rule import Over, Rule, on_name
from validators.samples import SENDER, text_field

RULE = Rule(
    id="REF-008",
    version=1,
    stage=Stage.REFERENCES,
    severity=Severity.REJECT,
    dimension=Dimension.LEGALITY,
    message_zh="数据主键“{value}”属于另一平台的记录",
    message_en='DATA_KEY "{value}" belongs to a record of another platform',
    expected_zh="请使用本平台编制的数据主键；只能修改、删除本平台报送的记录",
    legal_source="公共资源交易平台系统数据规范：数据主键",
    over=Over.ENVELOPE,
    fields=on_name(DATA_KEY),
    passes=lambda sight: sight.fact("owner") == sight.sender,
    key_rule=True,
    fixed=True,
    sample_field=text_field(DATA_KEY),
    passing=(
        {"value": "7201500000000000000001", "fact:owner": SENDER},
        {"value": "7201500000000000000001", "fact:owner": None},
    ),
    failing=({"value": "7201500000000000000001", "fact:owner": "91350100M000100Y43"},),
)
