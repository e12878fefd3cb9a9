"""The whole way for one package, in order: receive, validate, load, notify. The DAGs call the same steps."""

from datetime import datetime
from pathlib import Path
from typing import Any

from exchange_hub.flows.context import Hub
from exchange_hub.flows.held import release_held
from exchange_hub.flows.load import load_batch
from exchange_hub.flows.notify import notify_batch
from exchange_hub.flows.order import under_way
from exchange_hub.flows.outlook import look_ahead
from exchange_hub.flows.receive import BatchRef, Received, receive
from exchange_hub.flows.stages import staged
from exchange_hub.flows.validate import validate_batch
from feedback.report import refusal_document
from warehouse import batches


def ingest(hub: Hub, source: Path, now: datetime, *, channel: str, sender: str | None = None) -> dict[str, Any]:
    """Take a package the whole way.

    Returns:
        The report as a document (interfaces, section 4); for a repeat the first result.
    """
    with staged(hub, "receive", now) as known:
        received = receive(hub, source, now, channel=channel, sender=sender)
        known.append(received.ref)
    document = carry_on(hub, received.ref, now)
    if received.conflict is None:
        return document
    return _conflict_document(received, document)


def carry_on(hub: Hub, ref: BatchRef, now: datetime) -> dict[str, Any]:
    """Take a received batch the rest of the way; what is done is found done."""
    with hub.database() as conn:
        batch = batches.find(conn, ref.platform_code, ref.batch_no)
        if batch is None:
            raise LookupError(ref.batch_no)
        document = batches.read_report(conn, batch.id) or {}
    if batch.state == "received":
        with under_way(hub, batch.id):
            with staged(hub, "validate", now, ref), hub.database() as conn:
                checked = validate_batch(hub, conn, batch)
            with staged(hub, "load", now, ref):
                document = load_batch(hub, batch, checked, now)
    else:
        release_held(hub, now)  # a crash may have come between its load and this
    with staged(hub, "notify", now, ref):
        notify_batch(hub, ref.platform_code, ref.batch_no, now)
    look_ahead(hub, ref, now)
    return document


def _conflict_document(received: Received, first: dict[str, Any]) -> dict[str, Any]:
    nothing = dict.fromkeys(("received", "accepted", "rejected", "held", "flagged"), 0)
    return {
        **first,
        "platform_code": received.ref.platform_code,
        "batch_no": received.ref.batch_no,
        "verdict": "refused",
        "refusal": refusal_document(received.conflict),
        "counts": nothing,
        "datasets": [],
        "rules": [],
        "findings": [],
        "findings_total": 0,
        "findings_listed": 0,
    }
