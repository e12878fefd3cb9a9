"""LNK-026: state-owned assets are sold below the listed price (RSN-PROP-005)."""

from validators.soldbelow import sold_below_floor

RULE = sold_below_floor("LNK-026", "实物资产", "LISTING_PUB_INFO", "TRADE_RESULT_INFO")
