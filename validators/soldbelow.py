"""State-owned property sold below the listed price (RSN-PROP-005): one rule, made for each kind of property."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.amounts import in_yuan
from validators.crossrule import CrossRule, Frames, Source

FEN = 0.01  # yuan: rounding
LISTED = {"project": "PROJECT_CODE", "lot": "BID_CODE", "floor": "PROJECT_PRICE", "floor_unit": "PRICE_UNIT"}
SOLD = {"project": "PROJECT_CODE", "lot": "BID_CODE", "sold": "TRADE_VALUE", "sold_unit": "PRICE_UNIT"}


def broken(frames: Frames) -> pl.LazyFrame:
    """Results below the lowest price at which their lot was listed."""
    floor = in_yuan(pl.col("floor"), pl.col("floor_unit")).alias("floor_yuan")
    listed = frames["listing"].with_columns(floor).filter(pl.col("floor_yuan") > 0)
    lowest = listed.group_by("project", "lot").agg(pl.col("floor_yuan").min())
    sold = in_yuan(pl.col("sold"), pl.col("sold_unit")).alias("sold_yuan")
    both = frames["result"].with_columns(sold).join(lowest, on=["project", "lot"])
    return both.filter(pl.col("sold_yuan") < pl.col("floor_yuan") - FEN)


def sold_below_floor(rule_id: str, what_zh: str, listing: str, result: str) -> CrossRule:
    """The rule for one kind of property.

    Args:
        what_zh: what is sold, in Chinese.
        listing: dataset of the listings.
        result: dataset of the results.
    """
    return CrossRule(
        id=rule_id,
        version=1,
        severity=Severity.QUERY,
        dimension=Dimension.REASONABLENESS,
        message_zh=what_zh + "成交价（{sold_yuan}元）低于挂牌价（{floor_yuan}元），标的 {lot}",
        message_en="sold for {sold_yuan} yuan, below the listed {floor_yuan} yuan, lot {lot}",
        expected_zh="成交价不应低于转让底价；请核对金额与单位代码（0 元，1 万元）；降价重新挂牌的请补报新的挂牌信息",
        legal_source="逻辑；企业国有资产法第54、55条",
        sources={"result": Source(result, SOLD), "listing": Source(listing, LISTED)},
        subject="result",
        at="sold",
        broken=broken,
        passing=(
            {
                "result": [{"key": "R", "project": "P", "lot": "L", "sold": "100", "sold_unit": "1"}],
                "listing": [{"key": "L", "project": "P", "lot": "L", "floor": "1000000", "floor_unit": "0"}],
            },
            {
                "result": [{"key": "R", "project": "P", "lot": "L", "sold": "90", "sold_unit": "1"}],
                "listing": [
                    {"key": "L", "project": "P", "lot": "L", "floor": "100", "floor_unit": "1"},
                    {"key": "M", "project": "P", "lot": "L", "floor": "90", "floor_unit": "1"},
                ],
            },
        ),
        failing=(
            {
                "result": [{"key": "R", "project": "P", "lot": "L", "sold": "99", "sold_unit": "1"}],
                "listing": [{"key": "L", "project": "P", "lot": "L", "floor": "1000000", "floor_unit": "0"}],
            },
        ),
    )
