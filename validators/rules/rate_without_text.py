"""CND-005: the price is a rate (PRICE_FORM_CODE = 2), but its free-text value is missing."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.amounts import RATE
from validators.rule import Rule

RULE = Rule(
    id="CND-005",
    version=1,
    stage=Stage.CONDITIONS,
    severity=Severity.REJECT,
    dimension=Dimension.COMPLETENESS,
    message_zh="价款形式为费率类，但“{label}”（{field}）为空",
    message_en="the price is a rate, but {field} is empty",
    expected_zh="价款形式代码为 2 时应填写费率或其它类型报价，如 下浮率 5.2%",
    legal_source="公共资源交易平台系统数据规范：价款形式代码",
    roles={"form": FieldType.STRING, "text": FieldType.TEXT},
    bindings=(
        {"form": "PRICE_FORM_CODE", "text": "OTHER_BID_PRICE"},
        {"form": "PRICE_FORM_CODE", "text": "OTHER_CONTRACT_PRICE"},
    ),
    at="text",
    passes=lambda sight: (sight["form"] != RATE) | sight["text"].is_not_null(),
    passing=({"form": "2", "text": "下浮率 5.2%"}, {"form": "1", "text": None}, {"form": None, "text": None}),
    failing=({"form": "2", "text": None}, {"form": "2", "text": ""}),
)
