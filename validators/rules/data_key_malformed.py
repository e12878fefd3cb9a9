"""STR-002: DATA_KEY (数据主键) is not 22 letters or digits."""

from exchange_hub.core.records import DATA_KEY, Dimension, Severity, Stage
from validators.identifiers import DATA_KEY_FORM, matches
from validators.rule import Over, Rule, on_name
from validators.samples import text_field

RULE = Rule(
    id="STR-002",
    version=1,
    stage=Stage.STRUCTURE,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="数据主键“{value}”不是22位字母或数字",
    message_en='DATA_KEY "{value}" is not 22 letters or digits',
    expected_zh="应为22位字母或数字，如 7201500000000000000001",
    legal_source="公共资源交易平台系统数据规范：数据主键",
    over=Over.ENVELOPE,
    fields=on_name(DATA_KEY),
    passes=lambda sight: matches(sight.text(), DATA_KEY_FORM),
    key_rule=True,
    fixed=True,
    sample_field=text_field(DATA_KEY),
    passing=({"value": "7201500000000000000001"}, {"value": None}),
    failing=(
        {"value": "720150000000000000000"},
        {"value": "7201500000000000000-01"},
        {"value": "720150000000000000000１"},
    ),
)
