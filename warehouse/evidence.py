"""Evidence: sealing a load event. Verifying is in `warehouse.verification`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psycopg import Connection, sql

from warehouse import merkle
from warehouse.batches import BatchRow
from warehouse.merkle import Version
from warehouse.shapes import table_name

CHUNK = 10_000  # leaves kept in one row
# What a leaf is computed over, in the order of merkle.Version after the dataset: name, SQL, whether it is a number.
LEAF: tuple[tuple[str, str, bool], ...] = (
    ("data_key", "data_key", False),
    ("version_no", "version_no", True),
    ("operation", "operation", False),
    ("platform_code", "platform_code", False),
    ("batch_id", "batch_id", True),
    ("source_file", "source_file", False),
    ("source_row", "source_row", True),
    ("contract_version", "contract_version", False),
    ("recorded_us", "(extract(epoch FROM recorded_at) * 1000000)::bigint", True),
    ("attachments", "attachments::text", False),
    ("record_hash", "encode(record_hash, 'hex')", False),
)


@dataclass(frozen=True, slots=True)
class Proof:
    """Seal of a load event."""

    inserted: int
    root: bytes
    chain: bytes


def seal(conn: Connection, batch: BatchRow, load_id: int, datasets: Sequence[str]) -> Proof:
    """Compute and keep leaves and root of what a load wrote, and chain it to the load before.

    Takes the chain's lock until the transaction ends: loads are chained one after the other.
    """
    leaves: list[bytes] = []
    for dataset in datasets:
        versions = sorted(_versions(conn, dataset, load_id), key=lambda v: (v.data_key, v.version_no))
        made = [merkle.leaf(version) for version in versions]
        _keep(conn, load_id, dataset, versions, made)
        leaves += made
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('hub:chain', 42))")
    last = conn.execute("SELECT seq, chain FROM hub.load_proof ORDER BY seq DESC LIMIT 1").fetchone()
    seq, previous = last or (0, merkle.GENESIS)
    root = merkle.root(leaves)
    chain = merkle.link(previous, root, batch.sha256)
    conn.execute(
        "INSERT INTO hub.load_proof (seq, load_id, inserted, root, previous_chain, chain, evidence_version)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (seq + 1, load_id, len(leaves), root, previous, chain, merkle.VERSION),
    )
    return Proof(len(leaves), root, chain)


def _versions(conn: Connection, dataset: str, load_id: int) -> Iterator[Version]:
    table = sql.Identifier("hub", table_name(dataset))
    query = sql.SQL("SELECT {} FROM {} WHERE load_id = %s").format(
        sql.SQL(", ".join(column for _, column, _ in LEAF)), table
    )
    for row in conn.execute(query, (load_id,)):
        yield Version(dataset, *row)


def _keep(conn: Connection, load_id: int, dataset: str, versions: Sequence[Version], leaves: Sequence[bytes]) -> None:
    for chunk, start in enumerate(range(0, len(leaves), CHUNK)):
        part = versions[start : start + CHUNK]
        conn.execute(
            "INSERT INTO hub.load_leaf VALUES (%s, %s, %s, %s, %s, %s)",
            (
                load_id,
                dataset,
                chunk,
                [version.data_key for version in part],
                [version.version_no for version in part],
                b"".join(leaves[start : start + CHUNK]),
            ),
        )
