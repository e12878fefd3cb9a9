"""CND-013: one company is named as two candidates of one publicity."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="CND-013",
    version=1,
    stage=Stage.CONDITIONS,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="{label}“{later}”与前一名次的中标候选人相同",
    message_en='{field} "{later}" is the candidate of a rank before',
    expected_zh="不同名次的中标候选人应为不同投标人",
    legal_source="逻辑；招标投标法实施条例第53条",
    roles={"earlier": FieldType.STRING, "later": FieldType.STRING},
    bindings=(
        {"earlier": "FIRST_BIDDER_CODE", "later": "SECOND_BIDDER_CODE"},
        {"earlier": "FIRST_BIDDER_CODE", "later": "THIRD_BIDDER_CODE"},
        {"earlier": "SECOND_BIDDER_CODE", "later": "THIRD_BIDDER_CODE"},
    ),
    at="later",
    passes=lambda sight: sight["earlier"] != sight["later"],
    passing=(
        {"earlier": "A", "later": "B"},
        {"earlier": "A", "later": None},
    ),
    failing=({"earlier": "91350100M000100Y43", "later": "91350100M000100Y43"},),
)
