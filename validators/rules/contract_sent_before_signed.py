"""TIM-010: a contract is handed in before it is signed."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="TIM-010",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.QUERY,
    dimension=Dimension.REASONABLENESS,
    message_zh="合同递交时间（{later}）早于签署时间（{earlier}）",
    message_en="the contract is handed in ({later}) before it is signed ({earlier})",
    expected_zh="合同递交时间不应早于签署时间",
    legal_source="逻辑顺序",
    roles={"earlier": FieldType.DATETIME, "later": FieldType.DATETIME},
    bindings=({"earlier": "CONTRACT_SIGN_TIME", "later": "SUBMIT_TIME"},),
    at="later",
    passes=lambda sight: sight["earlier"] <= sight["later"],
    passing=(
        {"earlier": "20260105090000", "later": "20260105090000"},
        {"earlier": "20260105090000", "later": None},
    ),
    failing=({"earlier": "20260105090001", "later": "20260105090000"},),
)
