"""LNK-006: the contract amount is not the award (RSN-ALL-012)."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import AWARD, CONTRACT, priced
from validators.crossrule import CrossRule, Frames

FEN = 0.0101  # yuan; a fen and what floating point adds


def broken(frames: Frames) -> pl.LazyFrame:
    """Contracts more than a fen apart from every award of their section."""
    awards = priced(frames["award"], "award_yuan").select("section", "award_yuan").unique()
    both = priced(frames["contract"], "contract_yuan").join(awards, on="section")
    apart = (pl.col("contract_yuan") - pl.col("award_yuan")).abs()
    nearest = both.filter(apart == apart.min().over("key")).unique("key", maintain_order=True)
    return nearest.filter(apart > FEN)


RULE = CrossRule(
    id="LNK-006",
    version=1,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="合同金额（{contract_yuan}元）与中标金额（{award_yuan}元）不一致，标段 {section}",
    message_en="the contract ({contract_yuan} yuan) is not the award ({award_yuan} yuan), section {section}",
    expected_zh="合同应按中标价订立；请核对两处金额与单位代码（0 元，1 万元）",
    legal_source="招标投标法第46条；招标投标法实施条例第57条",
    sources={"contract": CONTRACT, "award": AWARD},
    subject="contract",
    at="price",
    broken=broken,
    passing=(
        {
            "contract": [{"key": "C", "section": "S1", "price": "98", "unit": "1", "form": "1"}],
            "award": [{"key": "A", "section": "S1", "price": "980000.00", "unit": "0", "form": "1"}],
        },
        {
            "contract": [{"key": "C", "section": "S1", "price": "980000.01", "unit": "0", "form": "1"}],
            "award": [{"key": "A", "section": "S1", "price": "980000", "unit": "0", "form": "1"}],
        },
        {
            "contract": [{"key": "C", "section": "S1", "price": "1", "unit": "0", "form": "1"}],
            "award": [{"key": "A", "section": "S1", "price": "980000", "unit": "0", "form": "2"}],
        },
    ),
    failing=(
        {
            "contract": [{"key": "C", "section": "S1", "price": "980000.02", "unit": "0", "form": "1"}],
            "award": [{"key": "A", "section": "S1", "price": "980000", "unit": "0", "form": "1"}],
        },
        {
            "contract": [{"key": "C", "section": "S1", "price": "98", "unit": "0", "form": "1"}],
            "award": [{"key": "A", "section": "S1", "price": "98", "unit": "1", "form": "1"}],
        },
    ),
)
