"""Loads after which held records are yet to be looked at (待放行): a note written with the load, gone when it is done.

So a crash between a load and the release of what it frees loses nothing: whoever comes next works the note off.
"""

from collections.abc import Collection

from psycopg import Connection


def note_due(conn: Connection, load_id: int) -> None:
    """Note that held records are to be looked at after this load; part of its transaction."""
    conn.execute("INSERT INTO hub.release_due VALUES (%s)", (load_id,))


def next_due(conn: Connection, but: Collection[int] = ()) -> int | None:
    """The oldest load after which held records were not looked at yet, those in `but` left out."""
    row = conn.execute("SELECT min(load_id) FROM hub.release_due WHERE load_id <> ALL(%s)", (list(but),)).fetchone()
    return row[0] if row else None


def forget_due(conn: Connection, load_id: int) -> None:
    """Held records were looked at after this load."""
    conn.execute("DELETE FROM hub.release_due WHERE load_id = %s", (load_id,))


def try_lock_release(conn: Connection, load_id: int) -> bool:
    """Whether this session alone now works on what the load frees; it keeps the lock until it unlocks or ends."""
    row = conn.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 42))", (f"hub:release:{load_id}",)).fetchone()
    return bool(row and row[0])


def unlock_release(conn: Connection, load_id: int) -> None:
    """Give the lock of `try_lock_release` back."""
    conn.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 42))", (f"hub:release:{load_id}",))
