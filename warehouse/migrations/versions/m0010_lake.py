"""A schema for the catalogue of the lake.

Why: the copy of the clean data in the object store is a set of Iceberg tables; which file is a table's present state
must change at once or not at all, and the warehouse's own database is where that is kept.
"""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the script as it stands, on the driver's own connection."""
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    script = Path(__file__).parents[1] / "sql" / "0010_lake.sql"
    connection.execute(script.read_text("utf-8"))
