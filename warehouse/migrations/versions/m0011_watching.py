"""Tables that the monitoring reads: times of the stages, results of verifications.

Why: operations are watched (Art. 21 of 豫公管办〔2018〕28号). Stages run in many short-lived processes, which nobody
could ask one by one, so each adds its time to a running total that one place shows.
"""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the script as it stands, on the driver's own connection."""
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    script = Path(__file__).parents[1] / "sql" / "0011_watching.sql"
    connection.execute(script.read_text("utf-8"))
