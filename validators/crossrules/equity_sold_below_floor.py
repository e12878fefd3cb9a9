"""LNK-027: state-owned equity is sold below the listed price (RSN-PROP-005)."""

from validators.soldbelow import sold_below_floor

RULE = sold_below_floor("LNK-027", "股权", "STOCK_LISTING_PUB_INFO", "STOCK_TRADE_RESULT_INFO")
