"""Pictures of an audit (图示): the course of a project, of one record, and what proves its newest version."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from exchange_hub.flows.audit import record_history
from exchange_hub.flows.context import Hub
from exchange_hub.flows.questions import project_timeline, prove_record
from warehouse.pictures import timeline_picture
from warehouse.projects import project_field
from warehouse.record_pictures import history_picture, provenance_picture
from warehouse.shapes import dataset_trade


def draw(hub: Hub, dataset: str, data_key: str, at: datetime) -> dict[str, str]:
    """SVG by name: history; provenance where a version is stored; timeline where it names its project.

    Personal values are masked.

    Args:
        at: gaps of the project are those at this instant.

    Raises:
        UsageError: no such dataset, or nothing was ever received under that key.
    """
    history = record_history(hub, dataset, data_key)
    drawn = {"history": history_picture(history)}
    if history["versions"]:
        newest = history["versions"][-1]
        proof = prove_record(hub, dataset, data_key, newest["version_no"], with_personal=False)
        drawn["provenance"] = provenance_picture(newest, proof)
        code = _project(hub, dataset, history["versions"])
        if code is not None:
            told = project_timeline(hub, code, at)
            drawn["timeline"] = timeline_picture(code, told["events"], told["gaps"])
    return drawn


def _project(hub: Hub, dataset: str, versions: Sequence[Mapping[str, Any]]) -> str | None:
    """The project in its trade, as the newest version that names it has it."""
    with hub.database() as conn:
        trade = dataset_trade(conn, dataset)
    for version in reversed(versions):
        field = project_field(trade, version["payload"])
        if field is not None:
            return str(version["payload"][field])
    return None
