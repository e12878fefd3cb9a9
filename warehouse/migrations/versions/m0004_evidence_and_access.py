"""Evidence beside SHA-256 and outside the database; who may see what; views that keep to it.

Why: unlawful change must show (Art. 22), accounts are graded by region and trade and operations watched (Art. 12
and 21 of 豫公管办〔2018〕28号). Seals made before this stay valid as they are: `hub.load_proof.evidence_version` says
what each one covers.
"""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCRIPTS = ("0004_evidence.sql", "0004_access.sql", "0004_views.sql")


def upgrade() -> None:
    """Run the scripts in order, as they stand, on the driver's own connection."""
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    folder = Path(__file__).parents[1] / "sql"
    for name in SCRIPTS:
        connection.execute((folder / name).read_text("utf-8"))
