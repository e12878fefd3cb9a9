"""The head of the evidence chain leaves the database: who rewrites the tables cannot rewrite what is kept outside."""

import logging
from datetime import datetime

from exchange_hub.core.errors import ServiceError
from exchange_hub.flows.context import Hub
from warehouse.objects import anchor

logger = logging.getLogger(__name__)


def keep_head(hub: Hub, now: datetime) -> str | None:
    """Write the newest chain value to the evidence store, where it lies under the retention lock.

    Returns:
        Its address; None where nothing is new or the store does not answer (the next batch brings the head along).
    """
    with hub.database() as conn:
        try:
            uri = anchor(conn, hub.evidence, now)
        except ServiceError as error:
            logger.warning("the head of the evidence chain could not be kept outside: %s", error)
            return None
        conn.commit()
    return uri
