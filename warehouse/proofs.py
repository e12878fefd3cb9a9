"""The kept seals: loads in the order of the chain, their leaves, and how many versions each load has."""

from dataclasses import dataclass

from psycopg import Connection, sql

from warehouse.shapes import read_shapes

# (DATA_KEY, version) -> leaf, in the order in which the root was computed.
KeptLeaves = dict[tuple[str, int], bytes]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A load event with its seal and its batch."""

    seq: int
    load_id: int
    inserted: int
    root: bytes
    previous: bytes
    chain: bytes
    batch_id: int
    platform_code: str
    batch_no: str
    sha256: str
    contract_version: str


def sealed_loads(conn: Connection) -> list[Sealed]:
    """All sealed loads, in the order of the chain."""
    rows = conn.execute(
        "SELECT p.seq, p.load_id, p.inserted, p.root, p.previous_chain, p.chain, b.id, b.platform_code, b.batch_no,"
        " b.sha256, coalesce(b.contract_version, '') FROM hub.load_proof p JOIN hub.load l ON l.id = p.load_id"
        " JOIN hub.batch b ON b.id = l.batch_id ORDER BY p.seq"
    )
    return [Sealed(*row) for row in rows]


def unsealed_loads(conn: Connection) -> list[tuple[int, int]]:
    """(load, batch) of load events that have no seal, though sealing is part of their transaction."""
    return conn.execute(
        "SELECT l.id, l.batch_id FROM hub.load l WHERE NOT EXISTS"
        " (SELECT FROM hub.load_proof p WHERE p.load_id = l.id) ORDER BY l.id"
    ).fetchall()


def kept_leaves(conn: Connection, load_id: int) -> dict[str, KeptLeaves]:
    """Leaves of a load by dataset."""
    found: dict[str, KeptLeaves] = {}
    rows = conn.execute(
        "SELECT dataset, data_keys, version_nos, leaves FROM hub.load_leaf WHERE load_id = %s ORDER BY dataset, chunk",
        (load_id,),
    )
    for dataset, keys, numbers, leaves in rows:
        parts = (leaves[start : start + 32] for start in range(0, len(leaves), 32))
        found.setdefault(dataset, {}).update(zip(zip(keys, numbers, strict=True), parts, strict=True))
    return found


def stored_counts(conn: Connection) -> dict[int, dict[str, int]]:
    """Number of stored versions by load and dataset."""
    counts: dict[int, dict[str, int]] = {}
    for shape in read_shapes(conn):
        query = sql.SQL("SELECT load_id, count(*) FROM {} GROUP BY load_id").format(sql.Identifier("hub", shape.table))
        for load_id, number in conn.execute(query):
            counts.setdefault(load_id, {})[shape.dataset] = number
    return counts
