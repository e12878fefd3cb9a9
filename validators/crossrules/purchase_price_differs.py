"""LNK-021: a procurement contract is not for the award (RSN-ALL-012)."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import DEAL, PURCHASE_CONTRACT, priced
from validators.crossrule import CrossRule, Frames

FEN = 0.0101  # yuan; a fen and what floating point adds


def broken(frames: Frames) -> pl.LazyFrame:
    """Contracts more than a fen apart from every award of their lot."""
    deals = priced(frames["deal"], "deal_yuan").select("project", "section", "deal_yuan").unique()
    both = priced(frames["contract"], "contract_yuan").join(deals, on=["project", "section"])
    apart = (pl.col("contract_yuan") - pl.col("deal_yuan")).abs()
    nearest = both.filter(apart == apart.min().over("key")).unique("key", maintain_order=True)
    return nearest.filter(apart > FEN)


RULE = CrossRule(
    id="LNK-021",
    version=1,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="采购合同金额（{contract_yuan}元）与中标（成交）金额（{deal_yuan}元）不一致，包 {section}",
    message_en="the contract ({contract_yuan} yuan) is not the award ({deal_yuan} yuan), lot {section}",
    expected_zh="应按中标、成交结果签订合同；请核对两处金额与单位代码（0 元，1 万元）；一包多家成交的请确认",
    legal_source="政府采购法第46条",
    sources={"contract": PURCHASE_CONTRACT, "deal": DEAL},
    subject="contract",
    at="price",
    broken=broken,
    passing=(
        {
            "contract": [{"key": "C", "project": "P", "section": "S1", "price": "98", "unit": "1", "form": "1"}],
            "deal": [{"key": "D", "project": "P", "section": "S1", "price": "980000", "unit": "0", "form": "1"}],
        },
    ),
    failing=(
        {
            "contract": [{"key": "C", "project": "P", "section": "S1", "price": "98", "unit": "0", "form": "1"}],
            "deal": [{"key": "D", "project": "P", "section": "S1", "price": "98", "unit": "1", "form": "1"}],
        },
    ),
)
