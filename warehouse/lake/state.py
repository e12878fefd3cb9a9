"""What is in the lake now, for people and for programs that read it without a catalogue."""

from typing import Any

from psycopg import Connection
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.table import Table

from warehouse.lake.catalogue import NAMESPACE
from warehouse.lake.publish import PUBLICATION, find, published, through


def lake_state(conn: Connection, catalogue: SqlCatalog) -> dict[str, Any]:
    """`through_seq` up to which every table is complete, and `tables` by name.

    Without any publication the list is empty and `through_seq` 0.
    """
    catalogue.create_namespace_if_not_exists(NAMESPACE)
    done = find(catalogue, PUBLICATION)
    return {
        "through_seq": through(done),
        "tables": [
            {"dataset": shape.dataset, "label_zh": shape.label_zh, **_told(table)}
            for shape, table in published(conn, catalogue)
            if table is not None
        ],
    }


def _told(table: Table) -> dict[str, Any]:
    snapshot = table.current_snapshot()
    summary = snapshot.summary if snapshot else None
    return {
        "table": ".".join(table.name()),
        "versions": int(summary["total-records"] or 0) if summary else 0,
        "files": int(summary["total-data-files"] or 0) if summary else 0,
        "through_seq": through(table),
        "metadata": table.metadata_location,
    }
