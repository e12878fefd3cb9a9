"""How long what is kept, as a view.

Why: who answers for the warehouse must be able to say what is kept how long and what may be deleted when (Art. 21 of
豫公管办〔2018〕28号), and it must be what the guards say, not what a page says.
"""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the script as it stands, on the driver's own connection."""
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    script = Path(__file__).parents[1] / "sql" / "0017_retention.sql"
    connection.execute(script.read_text("utf-8"))
