"""Evidence: sealing a load event (存证). Verifying is in `warehouse.verification`, proofs in `warehouse.inclusion`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from psycopg import Connection

from exchange_hub.core.canonical import hash_records
from warehouse import merkle
from warehouse.batches import BatchRow
from warehouse.leaves import keep, leaf_rows, leaf_texts, plain_parts
from warehouse.merkle import SM3
from warehouse.reading import Only, sealed_pages
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
class Sealing:
    """A load that is to be sealed, with the versions that it wrote."""

    batch: BatchRow
    load_id: int
    written: Sequence[Written]


Others = dict[int, dict[str, tuple[Kind, pl.DataFrame]]]  # by load and kind


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
    return seal_many(conn, [Sealing(batch, load_id, written)], sm3=sm3)[0]


def seal_many(conn: Connection, sealings: Sequence[Sealing], *, sm3: bool = False) -> list[Proof]:
    """As `seal`, for several loads of one transaction in their order: each has a root and a link of its own."""
    others = _others(conn, sealings)
    trees = []
    kept: list[tuple[object, ...]] = []
    for sealing in sealings:
        rows = _rows(sealing, others)
        known = {each.dataset: each.leaves for each in sealing.written}
        tree: list[bytes] = []
        for name in sorted(rows):
            kind, frame = rows[name]
            made = known[name] if name in known else version_leaves(frame, kind)
            kept += leaf_rows(sealing.load_id, name, frame.select("_key", "_number"), made)
            tree += made
        trees.append((tree, rows))
    keep(conn, kept)
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('hub:chain', 42))")
    proofs = _chain(conn, [(sealing, tree) for sealing, (tree, _) in zip(sealings, trees, strict=True)])
    for sealing, (_, rows) in zip(sealings, trees, strict=True) if sm3 else ():
        written = {each.dataset: each for each in sealing.written}
        _chain_sm3(conn, sealing.batch, sealing.load_id, _tree_sm3(rows, written))
    return proofs


def _rows(sealing: Sealing, others: Others) -> dict[str, tuple[Kind, pl.DataFrame]]:
    rows = dict(others.get(sealing.load_id, {}))
    return rows | {each.dataset: (dataset_kind(each.dataset), each.versions) for each in sealing.written}


def version_leaves(versions: pl.DataFrame, kind: Kind) -> list[bytes]:
    """Leaves of rows that are about to be written or were read back."""
    return merkle.leaves(leaf_texts(versions, kind))


def _others(conn: Connection, sealings: Sequence[Sealing]) -> Others:
    """By load its findings, quarantined and held records and the load itself, read back as they are stored."""
    only = Only([one.load_id for one in sealings], [one.batch.id for one in sealings])
    found: Others = {}
    for kind in OTHERS:
        pages = [
            page.frame.select(pl.col("_load"), pl.col("_key"), pl.col("_number").cast(pl.Int32)).hstack(
                plain_parts(page, kind)
            )
            for page in sealed_pages(conn, kind, (), only)
        ]
        if pages:
            for (load_id,), rows in pl.concat(pages).group_by("_load"):
                found.setdefault(int(str(load_id)), {})[kind.name] = (kind, rows.drop("_load").sort("_key", "_number"))
    return found


def _chain(conn: Connection, sealed: Sequence[tuple[Sealing, Sequence[bytes]]]) -> list[Proof]:
    last = conn.execute("SELECT seq, chain FROM hub.load_proof ORDER BY seq DESC LIMIT 1").fetchone()
    seq, previous = last or (0, merkle.GENESIS)
    proofs, rows = [], []
    for sealing, tree in sealed:
        root = merkle.root(tree)
        chain = merkle.link(previous, root, sealing.batch.sha256)
        inserted = sum(each.versions.height for each in sealing.written)
        seq += 1
        rows.append((seq, sealing.load_id, inserted, root, previous, chain, merkle.VERSION))
        proofs.append(Proof(inserted, root, chain))
        previous = chain
    conn.cursor().executemany(
        "INSERT INTO hub.load_proof (seq, load_id, inserted, root, previous_chain, chain, evidence_version)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        rows,
    )
    return proofs


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
