"""LNK-022: the winner of a procurement is not among the recorded suppliers (RSN-ALL-010)."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossparts import DEAL, SUPPLIER
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """Winners of lots whose suppliers are known, that are none of them."""
    lot = ["project", "section"]
    known = frames["supplier"].drop_nulls("supplier")
    deals = frames["deal"].drop_nulls("winner").join(known, on=lot, how="semi")
    return deals.join(known, left_on=[*lot, "winner"], right_on=[*lot, "supplier"], how="anti")


RULE = CrossRule(
    id="LNK-022",
    version=1,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="中标（成交）人 {winner} 不在包 {section} 的投标供应商名单中",
    message_en="the winner {winner} is not on the list of suppliers of lot {section}",
    expected_zh="中标（成交）人应为该包的投标供应商；请核对代码，或补报供应商名单（PURCHASE_TENDER_LIST）",
    legal_source="逻辑；政府采购法第36、38条",
    sources={"deal": DEAL, "supplier": SUPPLIER},
    subject="deal",
    at="winner",
    broken=broken,
    passing=(
        {
            "deal": [{"key": "D", "project": "P", "section": "S1", "winner": "W"}],
            "supplier": [{"key": "B", "project": "P", "section": "S1", "supplier": "W"}],
        },
        {"deal": [{"key": "D", "project": "P", "section": "S1", "winner": "W"}], "supplier": []},
    ),
    failing=(
        {
            "deal": [{"key": "D", "project": "P", "section": "S1", "winner": "W"}],
            "supplier": [{"key": "B", "project": "P", "section": "S1", "supplier": "V"}],
        },
    ),
)
