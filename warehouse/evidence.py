"""Evidence: sealing a load event (存证). Verifying is in `warehouse.verification`, proofs in `warehouse.inclusion`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from psycopg import Connection

from exchange_hub.core.canonical import hash_records
from warehouse import merkle
from warehouse.batches import BatchRow
from warehouse.leaves import keep, leaf_texts, plain_parts
from warehouse.merkle import SM3
from warehouse.reading import sealed_pages
from warehouse.sealed import OTHERS, Kind, dataset_kind


@dataclass(frozen=True, slots=True)
class Written:
    """Versions that a load wrote to one dataset: parts of their leaves as text, and the typed fields hashed over.

    `versions` has `_key`, `_number` and the parts of sealed.VERSION_PARTS; `records` the fields, in the same order, and
    `leaves` its leaves.
    """

    dataset: str
    versions: pl.DataFrame
    records: pl.DataFrame
    fields: Sequence[str]
    leaves: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Proof:
    """Seal of a load event."""

    inserted: int
    root: bytes
    chain: bytes


def seal(conn: Connection, batch: BatchRow, load_id: int, written: Sequence[Written], *, sm3: bool = False) -> Proof:
    """Compute and keep leaves and root of what a load wrote, and chain it to the load before.

    Takes the chain's lock until the transaction ends: loads are chained one after the other.

    Args:
        sm3: compute root and chain with SM3 as well (GB/T 32905-2016).
    """
    rows = {kind.name: (kind, frame) for kind, frame in _others(conn, load_id, batch.id)}
    rows |= {each.dataset: (dataset_kind(each.dataset), each.versions) for each in written}
    known = {each.dataset: each.leaves for each in written}
    tree: list[bytes] = []
    for name in sorted(rows):
        kind, frame = rows[name]
        made = known[name] if name in known else version_leaves(frame, kind)
        keep(conn, load_id, name, frame.select("_key", "_number"), made)
        tree += made
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('hub:chain', 42))")
    inserted = sum(each.versions.height for each in written)
    root, chain = _chain(conn, batch, load_id, inserted, tree)
    if sm3:
        _chain_sm3(conn, batch, load_id, _tree_sm3(rows, {each.dataset: each for each in written}))
    return Proof(inserted, root, chain)


def version_leaves(versions: pl.DataFrame, kind: Kind) -> list[bytes]:
    """Leaves of rows that are about to be written or were read back."""
    return merkle.leaves(leaf_texts(versions, kind))


def _others(conn: Connection, load_id: int, batch_id: int) -> Iterator[tuple[Kind, pl.DataFrame]]:
    """Findings, quarantined and held records of a load and the load itself, read back as they are stored."""
    for kind in OTHERS:
        pages = [
            page.frame.select(pl.col("_key"), pl.col("_number").cast(pl.Int32)).hstack(plain_parts(page, kind))
            for page in sealed_pages(conn, kind, (), ([load_id], [batch_id]))
        ]
        if pages:
            yield kind, pl.concat(pages).sort("_key", "_number")


def _chain(
    conn: Connection, batch: BatchRow, load_id: int, inserted: int, tree: Sequence[bytes]
) -> tuple[bytes, bytes]:
    last = conn.execute("SELECT seq, chain FROM hub.load_proof ORDER BY seq DESC LIMIT 1").fetchone()
    seq, previous = last or (0, merkle.GENESIS)
    root = merkle.root(tree)
    chain = merkle.link(previous, root, batch.sha256)
    conn.execute(
        "INSERT INTO hub.load_proof (seq, load_id, inserted, root, previous_chain, chain, evidence_version)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (seq + 1, load_id, inserted, root, previous, chain, merkle.VERSION),
    )
    return root, chain


def _tree_sm3(rows: Mapping[str, tuple[Kind, pl.DataFrame]], written: Mapping[str, Written]) -> list[bytes]:
    tree: list[bytes] = []
    for name in sorted(rows):
        kind, frame = rows[name]
        if name in written:
            hashes = hash_records(written[name].records, written[name].fields, SM3)
            frame = frame.with_columns(hashes.alias("record_hash"))
        tree += merkle.leaves(leaf_texts(frame, kind), SM3)
    return tree


def _chain_sm3(conn: Connection, batch: BatchRow, load_id: int, tree: Sequence[bytes]) -> None:
    last = conn.execute(
        "SELECT d.chain FROM hub.load_digest d JOIN hub.load_proof p ON p.load_id = d.load_id"
        " WHERE d.algorithm = 'sm3' ORDER BY p.seq DESC LIMIT 1"
    ).fetchone()
    previous = last[0] if last else merkle.GENESIS
    root = merkle.root(tree, SM3)
    chain = merkle.link(previous, root, batch.sha256, SM3)
    conn.execute("INSERT INTO hub.load_digest VALUES (%s, 'sm3', %s, %s, %s)", (load_id, root, previous, chain))
