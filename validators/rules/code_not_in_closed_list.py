"""VAL-009: a code is not in a code list whose values are all known."""

import polars as pl

from contracts.model import ListState
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.hints import of_code
from validators.rule import Rule, Sight, on_list
from validators.samples import code_list, text_field


def passes(sight: Sight) -> pl.Expr:
    """The value, or each of its parts, is one of the codes."""
    codes = [] if sight.code_list is None else [code.code for code in sight.code_list.codes]
    return sight.each_code(lambda part: part.is_in(codes))


RULE = Rule(
    id="VAL-009",
    version=2,
    stage=Stage.VALUES,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”不在代码集 {code_list} 中",
    message_en='{field} "{value}" is not a code of {code_list}',
    expected_zh="应为下列代码之一：{codes}",
    legal_source="公共资源交易平台系统数据规范：代码集",
    fields=on_list(ListState.CLOSED),
    passes=passes,
    hint_zh=of_code,
    sample_field=text_field("TENDER_MODE", code_list="TENDER_MODE"),
    sample_lists={"TENDER_MODE": code_list("TENDER_MODE", ListState.CLOSED, ("1", "2"))},
    passing=({"value": "1"}, {"value": None}),
    failing=({"value": "7"}, {"value": "01"}, {"value": "１"}),
)
