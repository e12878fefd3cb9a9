"""LNK-020: a procurement award is above the budget (RSN-ALL-009)."""

from datetime import date

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import DEAL, PURCHASE, priced
from validators.crossrule import CrossRule, Frames

FEN = 0.01  # yuan: rounding


def broken(frames: Frames) -> pl.LazyFrame:
    """Awards above the budget of their lot."""
    budgets = priced(frames["purchase"], "budget_yuan").select("project", "section", "budget_yuan")
    both = priced(frames["deal"], "deal_yuan").join(budgets, on=["project", "section"])
    return both.filter(pl.col("deal_yuan") > pl.col("budget_yuan") + FEN).unique("key", maintain_order=True)


RULE = CrossRule(
    id="LNK-020",
    version=1,
    severity=Severity.ALERT,
    dimension=Dimension.LEGALITY,
    message_zh="中标（成交）金额（{deal_yuan}元）超过采购预算（{budget_yuan}元），包 {section}",
    message_en="the award ({deal_yuan} yuan) is above the budget ({budget_yuan} yuan), lot {section}",
    expected_zh="报价均超过采购预算的应予废标；数据属实的照常入库，并提示行政监督部门；金额单位填错的请更正",
    legal_source="政府采购法第36条第3项",
    sources={"deal": DEAL, "purchase": PURCHASE},
    subject="deal",
    at="price",
    broken=broken,
    since=date(2003, 1, 1),
    dated_by="announced",
    passing=(
        {
            "deal": [
                {
                    "key": "D",
                    "project": "P",
                    "section": "S1",
                    "price": "100",
                    "unit": "1",
                    "form": "1",
                    "announced": "20260101000000",
                }
            ],
            "purchase": [{"key": "P", "project": "P", "section": "S1", "price": "1000000", "unit": "0", "form": "1"}],
        },
        {
            "deal": [
                {
                    "key": "D",
                    "project": "P",
                    "section": "S1",
                    "price": "5",
                    "unit": "1",
                    "form": "2",
                    "announced": "20260101000000",
                }
            ],
            "purchase": [{"key": "P", "project": "P", "section": "S1", "price": "1", "unit": "0", "form": "1"}],
        },
    ),
    failing=(
        {
            "deal": [
                {
                    "key": "D",
                    "project": "P",
                    "section": "S1",
                    "price": "100.0001",
                    "unit": "1",
                    "form": "1",
                    "announced": "20260101000000",
                }
            ],
            "purchase": [{"key": "P", "project": "P", "section": "S1", "price": "1000000", "unit": "0", "form": "1"}],
        },
    ),
)
