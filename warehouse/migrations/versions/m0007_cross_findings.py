"""Findings of rules across datasets: runs, findings that open and close, and their place in the audit views.

Why: whether a contract agrees with its award, or a winner with the bidders, shows only when both records are stored,
which may be days and batches apart; a later record may also put it right. Such a finding is no part of one batch's
validation, so it has tables of its own, with the load after which it came and the load after which it went.
"""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the script as it stands, on the driver's own connection (it holds literal % and :)."""
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    script = Path(__file__).parents[1] / "sql" / "0007_crossfindings.sql"
    connection.execute(script.read_text("utf-8"))
