"""Checks of the media that recordings refer to.

Why: audio and video are shared as references (Art. 8 of 豫公管办〔2018〕28号); that a reference leads to the medium
that was registered must be looked at before the centre's loop overwrites it, and the look must be on record.
"""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the script as it stands, on the driver's own connection."""
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    script = Path(__file__).parents[1] / "sql" / "0009_recordings.sql"
    connection.execute(script.read_text("utf-8"))
