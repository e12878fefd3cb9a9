"""Notices about recordings that are missing or not as registered (音视频缺口).

Why: audio and video are part of what every platform shares (Art. 8 of 豫公管办〔2018〕28号), and what could not be
collected goes back to it with five working days to answer (Art. 10). Such a notice follows from no load: it has a
source of its own, the review that found the gaps.
"""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the script as it stands, on the driver's own connection."""
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    script = Path(__file__).parents[1] / "sql" / "0012_recording_gaps.sql"
    connection.execute(script.read_text("utf-8"))
