"""Channels: failures in a row, rests, and what waits at the source over a quota.

Why: a dead platform must cost nobody else anything, and what is left waiting must be seen (Art. 21 of
豫公管办〔2018〕28号: operations are watched).
"""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the script as it stands, on the driver's own connection."""
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    script = Path(__file__).parents[1] / "sql" / "0016_channels.sql"
    connection.execute(script.read_text("utf-8"))
