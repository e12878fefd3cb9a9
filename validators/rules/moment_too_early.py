"""TIM-016: a moment before the law on tendering was in force: a default of some program."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import VALUE, Rule, on_type
from validators.samples import typed_field

RULE = Rule(
    id="TIM-016",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}（{value}）早于2000年，疑为系统默认值",
    message_en="{field} ({value}) is before 2000, probably a default of some program",
    expected_zh="应填写实际发生的时间；没有发生的可选项请留空",
    legal_source="招标投标法第68条（2000年1月1日起施行）；逻辑",
    fields=on_type(FieldType.DATETIME),
    passes=lambda sight: sight[VALUE].dt.year() >= 2000,
    sample_field=typed_field("CREATE_TIME", FieldType.DATETIME),
    passing=(
        {"value": "20000101000000"},
        {"value": "20260105093000"},
        {"value": None},
    ),
    failing=(
        {"value": "19991231235959"},
        {"value": "19000101000000"},
        {"value": "19700101080000"},
    ),
)
