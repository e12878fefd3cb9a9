"""Fixed tables of the warehouse: batches, loads with their evidence, findings, quarantine, held records, notices.

Why: the exchange keeps every batch, every version and every notice with who, when and from where (Art. 8 to 10 of
豫公管办〔2018〕28号); tables that do not depend on the exchange spec are laid once, here. Tables and views of datasets
follow the contract releases and are generated after this by `warehouse.datasets`.

There is no downgrade: evidence is never dropped.
"""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCRIPTS = ("0001_batches.sql", "0001_notices.sql", "0001_views.sql", "0001_guards.sql")


def upgrade() -> None:
    """Run the scripts in order, as they stand, on the driver's own connection (they hold literal % and :)."""
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    connection.execute("CREATE SCHEMA IF NOT EXISTS audit; CREATE SCHEMA IF NOT EXISTS exchange")
    connection.execute(
        "COMMENT ON SCHEMA hub IS '数据交换枢纽内部表 tables of the hub';"
        "COMMENT ON SCHEMA audit IS '审计视图 read-only views for auditors';"
        "COMMENT ON SCHEMA exchange IS '现行数据 current clean records, one view per dataset'"
    )
    folder = Path(__file__).parents[1] / "sql"
    for name in SCRIPTS:
        connection.execute((folder / name).read_text("utf-8"))
