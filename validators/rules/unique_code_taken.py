"""REF-004: a business code that must be unique is already held by a record with another DATA_KEY."""

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule
from validators.samples import text_field

RULE = Rule(
    id="REF-004",
    version=1,
    stage=Stage.REFERENCES,
    severity=Severity.REJECT,
    dimension=Dimension.CONSISTENCY,
    message_zh="{label}“{value}”已被另一记录（数据主键 {holder}）使用",
    message_en='{field} "{value}" is already held by another record (DATA_KEY {holder})',
    expected_zh="{label}不可重复；若为同一记录的更正，请沿用原数据主键并以修改（DATA_TYPE=2）报送",
    legal_source="公共资源交易平台系统数据规范：唯一性",
    fields=lambda candidate, _: candidate.unique,
    passes=lambda sight: sight.fact(f"holder:{sight.field.name}").is_null(),
    sample_field=text_field("PROJECT_CODE", unique=True),
    passing=({"value": "E4101002105250001", "fact:holder:PROJECT_CODE": None}, {"value": None}),
    failing=({"value": "E4101002105250001", "fact:holder:PROJECT_CODE": "7201500000000000000009"},),
)
