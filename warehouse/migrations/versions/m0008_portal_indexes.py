"""Indexes for the portal's pages.

Why: pages stay within 150 ms (p95) with 1,000 notices and 1,000,000 items (benchmarks/portal_pages.py).
"""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parents[1] / "sql" / "0008_portal.sql"


def upgrade() -> None:
    """Run the script as it stands, on the driver's own connection."""
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    connection.execute(SCRIPT.read_text("utf-8"))
