"""Shapes of the datasets, read once for each state of the database."""

from psycopg import Connection

from warehouse.shapes import Shape, read_shapes, stored_fingerprint

KEPT = 8  # states of databases whose shapes are kept: tests have several
_known: dict[str, tuple[Shape, ...]] = {}  # by fingerprint


def known_shapes(conn: Connection) -> tuple[Shape, ...]:
    """As `read_shapes`, but read once for each state of the database: what a batch asks many times.

    The fingerprint tells a state. While a migration is writing it is the old one's: migrations use `read_shapes`.
    """
    state = stored_fingerprint(conn)
    if state is None:
        return read_shapes(conn)
    if state not in _known:
        if len(_known) >= KEPT:
            _known.clear()
        _known[state] = read_shapes(conn)
    return _known[state]
