"""Datasets with stage and trade as a view; checks of recordings by dataset.

Why: whether an opening should have a recording depends on its trade, and each trade may have a dataset of recordings of
its own (Art. 8 of 豫公管办〔2018〕28号: audio and video of all trades).
"""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the script as it stands, on the driver's own connection."""
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    script = Path(__file__).parents[1] / "sql" / "0018_datasets.sql"
    connection.execute(script.read_text("utf-8"))
