"""CND-004: an amount without its currency or its unit (yuan, ten thousand yuan) says nothing."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.amounts import named
from validators.rule import Rule

RULE = Rule(
    id="CND-004",
    version=1,
    stage=Stage.CONDITIONS,
    severity=Severity.REJECT,
    dimension=Dimension.COMPLETENESS,
    message_zh="填写了金额 {amount}，但“{label}”（{field}）为空",
    message_en="the amount {amount} is given, but {field} is empty",
    expected_zh="有金额时应同时填写币种（如 156 人民币）和单位（0 元，1 万元）",
    legal_source="公共资源交易平台系统数据规范：金额、币种、单位",
    roles={"amount": FieldType.DECIMAL, "named": FieldType.STRING},
    binds=named,
    at="named",
    passes=lambda sight: sight["amount"].is_null() | sight["named"].is_not_null(),
    passing=({"amount": "100.5", "named": "156"}, {"amount": None, "named": None}),
    failing=({"amount": "100.5", "named": None}, {"amount": "0", "named": ""}),
)
