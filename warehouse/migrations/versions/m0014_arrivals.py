"""Expected arrivals: timeliness alerts, and since when a platform is known.

Why: platforms share at a set frequency (Art. 8 of 豫公管办〔2018〕28号); what does not come must be seen by itself and
be on record with the one who answers for it, also after it has come.
"""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the script as it stands, on the driver's own connection."""
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    script = Path(__file__).parents[1] / "sql" / "0014_arrivals.sql"
    connection.execute(script.read_text("utf-8"))
