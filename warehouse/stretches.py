"""Which rows are hashed in one go (核验分段): those of some loads, of a large one only some blocks of its table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from psycopg import Connection, sql

from warehouse.proofs import Sealed
from warehouse.reading import Only
from warehouse.sealed import Kind

ROWS = 25_000  # of one stretch, about


@dataclass(frozen=True, slots=True)
class Place:
    """How many rows a load has in a table, and in which blocks: the first, and the one after the last."""

    rows: int
    blocks: tuple[int, int] | None = None  # None: not one table


StoredPlaces = Mapping[str, Mapping[int, Place]]  # by kind and load


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of one kind."""

    kind: Kind
    only: Only


def stored_places(conn: Connection, kinds: Sequence[Kind], only: Sequence[int] | None = None) -> StoredPlaces:
    """Where the rows lie that are stored now.

    Args:
        only: these loads; None: all that rows name, sealed or not.
    """
    return {kind.name: _places(conn, kind, only) for kind in kinds}


def _places(conn: Connection, kind: Kind, only: Sequence[int] | None) -> dict[int, Place]:
    ends = sql.SQL(", min(w.ctid)::text, max(w.ctid)::text" if kind.is_dataset else "")
    chosen = sql.SQL(" WHERE w.load_id = ANY ({})").format(sql.Literal(list(only))) if only is not None else sql.SQL("")
    query = sql.SQL("SELECT w.load_id, count(*){} FROM {}{} GROUP BY w.load_id").format(ends, kind.source, chosen)
    found = conn.execute(query).fetchall()
    return {load_id: Place(rows, (_block(at[0]), _block(at[1]) + 1) if at else None) for load_id, rows, *at in found}


def _block(ctid: str) -> int:
    """Block of a row's address, (block,place)."""
    return int(ctid[1:].partition(",")[0])


def stretches(kind: Kind, loads: Sequence[Sealed], stored: Mapping[int, Place]) -> list[Stretch]:
    """Stretches that together are all rows of these loads; at least one, be it without rows."""
    ids = tuple(load.load_id for load in loads)
    batch_ids = tuple(sorted({load.batch_id for load in loads}))
    places = [stored[load_id] for load_id in ids if load_id in stored]
    blocks = [place.blocks for place in places if place.blocks is not None]
    if not blocks:
        return [Stretch(kind, Only(ids, batch_ids))]
    first, end = min(first for first, _ in blocks), max(end for _, end in blocks)
    parts = min(end - first, -(-sum(place.rows for place in places) // ROWS))
    cuts = [first + (end - first) * part // parts for part in range(parts + 1)]
    return [Stretch(kind, Only(ids, batch_ids, blocks=cut)) for cut in pairwise(cuts)]
