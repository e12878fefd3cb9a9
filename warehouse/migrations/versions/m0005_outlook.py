"""Outlooks: how loaded batches fare under their platform's next release.

Why: a centre is told before the spec changes what the change will mean for it (Art. 8 of 豫公管办〔2018〕28号:
platforms follow the unified spec). An outlook is no finding and stands apart.
"""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the script as it stands, on the driver's own connection (it holds literal % and :)."""
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    script = Path(__file__).parents[1] / "sql" / "0005_outlook.sql"
    connection.execute(script.read_text("utf-8"))
