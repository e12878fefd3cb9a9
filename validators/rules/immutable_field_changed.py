"""REF-005: an update changes a field that may never change."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, Sight
from validators.samples import text_field


def passes(sight: Sight) -> pl.Expr:
    """The value equals the stored one; new records and fields stored empty pass."""
    return sight.text() == sight.fact(f"stored:{sight.field.name}")


RULE = Rule(
    id="REF-005",
    version=1,
    stage=Stage.REFERENCES,
    severity=Severity.REJECT,
    dimension=Dimension.CONSISTENCY,
    message_zh="{label}不可修改：已入库的值为“{stored}”，本次为“{value}”",
    message_en='{field} may not change: stored is "{stored}", now "{value}"',
    expected_zh="应与已入库的值相同；若编号确需更换，请删除原记录并以新主键新增",
    legal_source="公共资源交易平台系统数据规范：不可修改字段",
    fields=lambda candidate, _: candidate.immutable,
    passes=passes,
    sample_field=text_field("PROJECT_CODE", immutable=True),
    passing=(
        {"value": "E4101002105250001", "fact:stored:PROJECT_CODE": "E4101002105250001"},
        {"value": "E4101002105250001", "fact:stored:PROJECT_CODE": None},
    ),
    failing=({"value": "E4101002105250002", "fact:stored:PROJECT_CODE": "E4101002105250001"},),
)
