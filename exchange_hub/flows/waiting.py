"""What waits for its parent record, for `hub held list`."""

from datetime import timedelta
from typing import Any

from exchange_hub.core.clock import iso
from exchange_hub.core.masking import mask, without_numbers
from exchange_hub.flows.audit import personal_fields
from exchange_hub.flows.context import Hub
from warehouse.held import list_waiting


def list_held(hub: Hub, platform_code: str | None = None) -> list[dict[str, Any]]:
    """Records that wait, oldest first, with `rejected_at`; a parent that is named by a personal number is masked."""
    grace = timedelta(days=hub.settings.held_grace_days)
    with hub.database() as conn:
        rows = list_waiting(conn, platform_code)
    for row in rows:
        row["rejected_at"] = iso(row["since"] + grace)
        row["waits_for"] = [
            [dataset, field, mask(value) if field in personal_fields(dataset) else without_numbers(value)]
            for dataset, field, value in row["waits_for"]
        ]
    return rows
