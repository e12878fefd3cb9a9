"""AMT-003: an amount of money is negative."""

from collections.abc import Iterator, Mapping

from contracts.model import DatasetContract, FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.amounts import money
from validators.rule import Rule

AWARDS = ("BID_AMOUNT", "CONTRACT_PRICE")


def other_amounts(contract: DatasetContract) -> Iterator[Mapping[str, str]]:
    """中标、合同金额以外的金额字段 amounts other than awards and contracts, at which AMT-002 looks."""
    yield from ({"amount": roles["amount"]} for roles in money(contract) if roles["amount"] not in AWARDS)


RULE = Rule(
    id="AMT-003",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.QUERY,
    dimension=Dimension.REASONABLENESS,
    message_zh="{label}为负数：{amount}",
    message_en="{field} is negative: {amount}",
    expected_zh="金额不应为负数；下浮、优惠请按价款形式填写费率",
    legal_source="逻辑；豫公管办〔2018〕28号第九条",
    roles={"amount": FieldType.DECIMAL},
    binds=other_amounts,
    at="amount",
    passes=lambda sight: sight["amount"] >= 0,
    passing=(
        {"amount": "0"},
        {"amount": "800000"},
        {"amount": None},
    ),
    failing=({"amount": "-0.01"},),
)
