"""Tracking of notices: receipts, answers and decisions, child notices, outbox, reminders, alarms.

Why: the clock starts at proven receipt and every step has actor, time and reason (Art. 10 of 豫公管办〔2018〕28号);
a notice is written into the outbox in the transaction that issues it, so that a crash loses none.

There is no downgrade: evidence is never dropped.
"""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the script as it stands, on the driver's own connection (it holds literal % and :)."""
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    connection.execute((Path(__file__).parents[1] / "sql" / "0006_tracking.sql").read_text("utf-8"))
