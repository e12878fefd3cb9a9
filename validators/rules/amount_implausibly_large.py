"""AMT-001: an amount above 3 000 000 000 yuan; often a slip of the unit (yuan, ten thousand yuan)."""

import polars as pl

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.amounts import is_amount, money, yuan
from validators.rule import Rule, Sight

LIMIT_YUAN = 3_000_000_000


def passes(sight: Sight) -> pl.Expr:
    """The amount in yuan is at most the limit; prices that are rates are left out."""
    return ~is_amount(sight) | (yuan(sight) <= LIMIT_YUAN)


RULE = Rule(
    id="AMT-001",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.QUERY,
    dimension=Dimension.REASONABLENESS,
    message_zh="{label}超过30亿元（报送值 {amount}，单位代码 {unit}）",
    message_en="{field} is above 3 000 000 000 yuan (sent {amount}, unit code {unit})",
    expected_zh="请核对金额和单位（0 元，1 万元）",
    legal_source="逻辑；省级平台接收规则（30亿元以上须核实）",
    roles={"amount": FieldType.DECIMAL, "unit": FieldType.STRING, "form": FieldType.STRING},
    binds=money,
    at="amount",
    passes=passes,
    passing=(
        {"amount": "3000000000", "unit": "0", "form": "1"},
        {"amount": "300000", "unit": "1"},
        {"amount": "99999999999", "unit": "0", "form": "2"},
        {"amount": None, "unit": "0"},
    ),
    failing=({"amount": "3000000000.01", "unit": "0", "form": "1"}, {"amount": "300001", "unit": "1"}),
)
