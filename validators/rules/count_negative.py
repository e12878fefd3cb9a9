"""VAL-019: a number of days, bytes, pixels and the like is negative."""

from collections.abc import Mapping

from contracts.model import CodeList, Field, FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import VALUE, Rule
from validators.samples import typed_field

COUNTED = frozenset({"day", "month", "year", "byte", "pixel", "bit/s", "frame/s", "m2", "hectare", "t"})


def _applies(candidate: Field, lists: Mapping[str, CodeList]) -> bool:
    return candidate.type in (FieldType.INTEGER, FieldType.DECIMAL) and candidate.unit in COUNTED


RULE = Rule(
    id="VAL-019",
    version=1,
    stage=Stage.VALUES,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}为负数：{value}",
    message_en="{field} is negative: {value}",
    expected_zh="{label}不能小于 0",
    legal_source="逻辑",
    fields=_applies,
    passes=lambda sight: sight[VALUE] >= 0,
    sample_field=typed_field("LIMITE_TIME", FieldType.INTEGER, unit="day"),
    passing=(
        {"value": "0"},
        {"value": "365"},
        {"value": None},
        {"value": "abc"},
    ),
    failing=({"value": "-20"},),
)
