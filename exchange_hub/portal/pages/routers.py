"""All pages, in the order in which their addresses are tried."""

from exchange_hub.portal.pages import (
    account,
    admin,
    answering,
    batches,
    bulletin,
    calendar,
    calendar_files,
    correcting,
    entry,
    home,
    notices,
    office,
    outlook,
    uploads,
)

PAGES = (
    home, entry, account, uploads, batches, notices, answering, correcting, office, outlook, calendar, calendar_files,
    bulletin, admin,
)  # fmt: skip
ROUTERS = tuple(page.router for page in PAGES)
