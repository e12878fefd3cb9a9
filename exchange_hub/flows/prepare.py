"""Making a warehouse ready: our own contracts and cards are checked, the schema brought up to them."""

from datetime import datetime

from contracts.loader import releases
from exchange_hub.core.settings import Settings
from ingest.registry import load_platforms
from validators.registry import check_rule_ids
from warehouse.connection import connect
from warehouse.migrate import upgrade
from warehouse.platforms import record_platforms


def prepare_warehouse(url: str, settings: Settings, now: datetime) -> None:
    """Bring the database to the installed contract releases and platform cards; done twice it changes nothing.

    Args:
        url: libpq URL of the warehouse, as its owner.

    Raises:
        ConfigurationError: a contract or a card is wrong; nothing was changed.
        ServiceError: the database cannot be reached.
    """
    platforms = load_platforms(settings.platforms_dir)
    known = releases()
    for release in known:
        check_rule_ids(release)
    upgrade(url, known)
    with connect(url) as conn:
        record_platforms(conn, platforms.values(), now)
