"""Held records are released, superseded or expire; batches of one platform keep their order.

Why: a record whose parent had not arrived was kept and never looked at again. What each record waits for becomes rows
that a load can be joined with, and every load leaves a note (`hub.release_due`) until held records were looked at
after it, so that a crash in between loses none. `audit.batch` shows what became of a batch's records by now.
"""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the script as it stands, on the driver's own connection (it holds literal % and :)."""
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    script = Path(__file__).parents[1] / "sql" / "0003_held.sql"
    connection.execute(script.read_text("utf-8"))
