"""AMT-002: an award or contract amount that is zero or negative, though the price is an amount."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.amounts import AMOUNT
from validators.rule import Rule

RULE = Rule(
    id="AMT-002",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.QUERY,
    dimension=Dimension.REASONABLENESS,
    message_zh="价款形式为金额，但{label}（{amount}）不大于零",
    message_en="the price is an amount, but {field} ({amount}) is not positive",
    expected_zh="成交、中标、合同金额应大于零；费率类报价请将价款形式代码填为 2",
    legal_source="逻辑；豫公管办〔2018〕28号第七、九条",
    roles={"amount": FieldType.DECIMAL, "form": FieldType.STRING},
    bindings=(
        {"amount": "BID_AMOUNT", "form": "PRICE_FORM_CODE"},
        {"amount": "CONTRACT_PRICE", "form": "PRICE_FORM_CODE"},
    ),
    at="amount",
    passes=lambda sight: (sight["form"] != AMOUNT) | (sight["amount"] > 0),
    passing=({"amount": "0.01", "form": "1"}, {"amount": "0", "form": "2"}, {"amount": None, "form": "1"}),
    failing=({"amount": "0", "form": "1"}, {"amount": "-5", "form": "1"}),
)
