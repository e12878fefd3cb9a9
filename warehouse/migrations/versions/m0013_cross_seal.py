"""Findings across datasets by the run that found them and the run that no longer did.

Why: they are sealed with the load after which they were found or gone, and sealing reads one load's rows.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two indexes, for `warehouse.sealed`: what a run opened, what it closed."""
    op.execute("CREATE INDEX cross_finding_run_idx ON hub.cross_finding (run_id)")
    op.execute("CREATE INDEX cross_finding_closed_run_idx ON hub.cross_finding (closed_run_id)")
