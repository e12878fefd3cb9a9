"""VAL-010: a code is not among the known values of a code list that may have more."""

from contracts.model import ListState
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.hints import of_code
from validators.rule import Rule, on_list
from validators.rules.code_not_in_closed_list import passes
from validators.samples import code_list, text_field

RULE = Rule(
    id="VAL-010",
    version=2,
    stage=Stage.VALUES,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”不是代码集 {code_list} 的已知代码",
    message_en='{field} "{value}" is not among the known codes of {code_list}',
    expected_zh="请核对；已知代码：{codes}",
    legal_source="公共资源交易平台系统数据规范：代码集",
    fields=on_list(ListState.PARTIAL),
    passes=passes,
    hint_zh=of_code,
    sample_field=text_field("ID_CARD_TYPE", code_list="ID_CARD_TYPE"),
    sample_lists={"ID_CARD_TYPE": code_list("ID_CARD_TYPE", ListState.PARTIAL, ("01", "08"))},
    passing=({"value": "01"}, {"value": None}),
    failing=({"value": "77"},),
)
