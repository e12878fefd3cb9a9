"""The order of one platform's batches (批次顺序): which earlier ones are still on their way to the load.

A batch is under way from its receipt until it is settled, as long as it shows signs of life; one that a fault of ours
stopped is set aside until it is tried again. The database's own clock is asked, since it is the same for all workers.
"""

from collections.abc import Sequence

from psycopg import Connection

from warehouse.batches import BatchRow


def earlier_under_way(conn: Connection, batch: BatchRow, patience_seconds: float) -> str | None:
    """Number of an earlier batch of the platform that must be loaded first; None where it is this one's turn.

    Args:
        patience_seconds: who has shown no sign of life for so long is stuck and not waited for.
    """
    row = conn.execute(
        "SELECT batch_no FROM hub.batch WHERE platform_code = %s AND id < %s AND state = 'received'"
        " AND progress_at > clock_timestamp() - make_interval(secs => %s) ORDER BY id LIMIT 1",
        (batch.platform_code, batch.id, patience_seconds),
    ).fetchone()
    return row[0] if row else None


def show_progress(conn: Connection, batch_ids: Sequence[int], *, again: bool = False) -> None:
    """The batches are being worked on.

    Args:
        again: those only that were not set aside since.
    """
    conn.execute(
        "UPDATE hub.batch SET progress_at = clock_timestamp() WHERE id = ANY(%s) AND state = 'received'"
        " AND (NOT %s OR progress_at IS NOT NULL)",
        (list(batch_ids), again),
    )


def set_aside(conn: Connection, batch_ids: Sequence[int]) -> None:
    """The batches stopped by our own fault: later ones need not wait for them."""
    conn.execute(
        "UPDATE hub.batch SET progress_at = NULL WHERE id = ANY(%s) AND state = 'received'", (list(batch_ids),)
    )
