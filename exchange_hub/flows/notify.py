"""Step 4, notify: issued notices into the platforms' own inboxes; proven receipt starts the clock (Art. 10)."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime

from contracts.loader import load_release, release_versions
from exchange_hub.core.errors import DeliveryError
from exchange_hub.core.notices import Notice
from exchange_hub.flows.context import Hub
from exchange_hub.flows.heads import keep_head
from feedback.delivery import deliver_files, open_channel
from feedback.labels import field_labels
from feedback.render import notice_files
from feedback.working_days import deadline
from warehouse import notices
from warehouse.notices import KeptFile

logger = logging.getLogger(__name__)

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


def notify_batch(hub: Hub, platform_code: str, batch_no: str, now: datetime) -> list[str]:
    """Deliver what was issued for a batch and is not delivered yet; returns the numbers delivered now.

    The head of the evidence chain is written to the evidence store on the way.
    """
    keep_head(hub, now)
    with hub.database() as conn:
        rows = notices.list_rows(conn, platform_code, "issued", batch_no)
    return [str(row["notice_no"]) for row in rows if deliver(hub, row["notice_no"], now)]


def deliver(hub: Hub, notice_no: str, now: datetime) -> bool:
    """Render a notice, keep its files as evidence, put them into the platform's inbox, record receipt.

    A delivery that fails is recorded and tried again by the daily run; nothing else waits for it.

    Returns:
        Whether the notice is now in the inbox.
    """
    with hub.database() as conn:
        notice = notices.read(conn, notice_no)
    if notice is None or notice.platform_code not in hub.platforms:
        logger.warning("notice %s cannot be delivered: its platform is not registered", notice_no)
        return False
    platform = hub.platform(notice.platform_code)
    files = list(notice_files(notice, labels_of(notice)))
    kept = [_keep(hub, notice_no, name, content) for name, content in files]
    try:
        addresses = deliver_files(open_channel(platform), files)
    except DeliveryError as error:
        logger.warning("notice %s to platform %s: delivery failed: %s", notice_no, platform.code, error)
        with hub.database() as conn:
            notices.record_failed(conn, notice_no, platform.delivery.kind, f"{error.code} {error.where}", now)
            conn.commit()
        return False
    with hub.database() as conn:
        notices.keep_files(conn, notice_no, kept, now)
        notices.record_delivered(conn, notice_no, platform.delivery.kind, deadline(now, addresses[0]), now)
        conn.commit()
    return True


def labels_of(notice: Notice) -> Mapping[tuple[str, str], str]:
    """Chinese names for a notice; empty where its release is not known."""
    known = notice.contract_version in release_versions()
    return field_labels(load_release(notice.contract_version)) if known else {}


def _keep(hub: Hub, notice_no: str, name: str, content: bytes) -> KeptFile:
    digest = hashlib.sha256(content).hexdigest()
    suffix = name.rsplit(".", 1)[-1]
    uri = hub.evidence.put_bytes(f"notices/{notice_no}/{digest}.{suffix}", content)
    return KeptFile(name, MEDIA_TYPES[suffix], uri, digest, len(content))
