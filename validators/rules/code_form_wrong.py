"""VAL-011: a value does not have the form of its code list, whose values are not known."""

import polars as pl

from contracts.model import ListState
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, Sight, on_list
from validators.samples import code_list, text_field


def passes(sight: Sight) -> pl.Expr:
    """The value, or each of its parts, matches the list's pattern, where it has one."""
    pattern = sight.code_list.pattern if sight.code_list is not None else None
    if pattern is None:
        return pl.lit(True)
    return sight.each_code(lambda part: part.str.contains(pattern.replace(r"\d", "[0-9]")))


RULE = Rule(
    id="VAL-011",
    version=2,
    stage=Stage.VALUES,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”不符合代码集 {code_list} 的格式",
    message_en='{field} "{value}" does not have the form of a code of {code_list}',
    expected_zh="应符合{list_zh}的编码格式{example}",
    legal_source="公共资源交易平台系统数据规范：代码集",
    fields=on_list(ListState.OPEN),
    passes=passes,
    sample_field=text_field("INDUSTRIES_TYPE", code_list="INDUSTRY"),
    sample_lists={"INDUSTRY": code_list("INDUSTRY", ListState.OPEN, (), r"^[A-T]\d{2}$")},
    passing=({"value": "E47"}, {"value": None}),
    failing=({"value": "47"}, {"value": "E４７"}),
)
