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
    uploads,
)

PAGES = (home, entry, account, uploads, batches, notices, answering, correcting, office, calendar, bulletin, admin)
ROUTERS = tuple(page.router for page in PAGES)
