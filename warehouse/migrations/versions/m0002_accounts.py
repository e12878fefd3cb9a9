"""Accounts, sessions, API keys and the book of who did what.

Why: one account one person, graded by region and trade (Art. 12 of 豫公管办〔2018〕28号), and operations are watched
(Art. 21): who signed in, sent, answered or decided can be asked later and cannot be rewritten.

There is no downgrade: evidence is never dropped.
"""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parents[1] / "sql" / "0002_accounts.sql"


def upgrade() -> None:
    """Run the script as it stands, on the driver's own connection."""
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    connection.execute(SCRIPT.read_text("utf-8"))
