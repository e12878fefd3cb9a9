"""CND-012: a second or third candidate is named without the one before."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="CND-012",
    version=1,
    stage=Stage.CONDITIONS,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="填写了后一名中标候选人（{next}），但“{label}”（{field}）为空",
    message_en="a lower-ranked candidate is named, but {field} is empty",
    expected_zh="中标候选人应按名次依次填写，不得缺名次",
    legal_source="招标投标法实施条例第53条（不超过3个并标明排序）",
    roles={"before": FieldType.STRING, "next": FieldType.STRING},
    bindings=(
        {"before": "FIRST_BIDDER_NAME", "next": "SECOND_BIDDER_NAME"},
        {"before": "SECOND_BIDDER_NAME", "next": "THIRD_BIDDER_NAME"},
    ),
    at="before",
    passes=lambda sight: sight["before"].is_not_null() | sight["next"].is_null(),
    passing=(
        {"before": "甲公司", "next": "乙公司"},
        {"before": "甲公司", "next": None},
        {"before": None, "next": None},
    ),
    failing=({"before": None, "next": "乙公司"},),
)
