"""Which fields of a record name the project and the sections it belongs to (所属项目与标段), by trade (交易类别)."""

from collections.abc import Container

# In any trade; the dataset's own project, the first that it has.
PROJECT_FIELDS = ("TENDER_PROJECT_CODE", "PURCHASE_PROJECT_CODE", "purchaseProjectCode")
# Trades without tender projects. Land and mining have no project code: announcement and result share the unified deal
# code (统一交易标识码); carbon quotas are announced and sold by their own code.
OF_TRADE = {
    "property": ("PROJECT_CODE",),
    "other_trade": ("PROJECT_CODE", "CA_QUOTA_CODE"),
    "land": ("UNIFIED_DEAL_CODE",),
    "mining": ("UNIFIED_DEAL_CODE",),
}
SECTION_FIELDS = ("BID_SECTION_CODE", "BID_SECTION_CODES", "PURCHASE_SECTION_CODE")


def project_field(trade: str, names: Container[str]) -> str | None:
    """Field of a dataset that names the project in its trade; None: it has none, or only by another dataset."""
    return next((name for name in (*PROJECT_FIELDS, *OF_TRADE.get(trade, ())) if name in names), None)


def section_field(names: Container[str]) -> str | None:
    """Field of a dataset that names its sections (标段、包), one or several."""
    return next((name for name in SECTION_FIELDS if name in names), None)
