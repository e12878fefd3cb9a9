"""All pages, in the order in which their addresses are tried."""

from exchange_hub.portal.pages import (
    account,
    admin,
    answering,
    batches,
    bulletin,
    calendar,
    correcting,
    entry,
    home,
    notices,
    office,
    outlook,
    uploads,
)

PAGES = (
    home, entry, account, uploads, batches, notices, answering, correcting, office, outlook, calendar, bulletin, admin,
)  # fmt: skip
ROUTERS = tuple(page.router for page in PAGES)
