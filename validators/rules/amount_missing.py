"""CND-006: the price is an amount (PRICE_FORM_CODE = 1), but the amount is empty."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.amounts import AMOUNT, priced
from validators.rule import Rule

RULE = Rule(
    id="CND-006",
    version=1,
    stage=Stage.CONDITIONS,
    severity=Severity.QUERY,
    dimension=Dimension.COMPLETENESS,
    message_zh="价款形式为金额，但“{label}”（{field}）为空",
    message_en="the price is an amount, but {field} is empty",
    expected_zh="价款形式代码为 1（金额）时应填写{label}；按费率报价的请将价款形式代码改为 2 并填写费率",
    legal_source="公共资源交易平台系统数据规范：价款形式代码",
    roles={"amount": FieldType.DECIMAL, "unit": FieldType.STRING, "form": FieldType.STRING},
    binds=priced,
    at="amount",
    passes=lambda sight: (sight["form"] != AMOUNT) | sight.text("amount").is_not_null(),
    passing=(
        {"amount": "100", "form": "1"},
        {"amount": None, "form": "2"},
        {"amount": None, "form": None},
    ),
    failing=({"amount": None, "form": "1"},),
)
