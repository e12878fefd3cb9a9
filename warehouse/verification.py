"""Verifying the evidence: everything recomputed from what is stored, every difference named (存证核验).

Recomputed are each record's hash from its typed columns, each leaf, each Merkle root, the chain over all loads and,
where the caller can read the evidence store, the hash of each package as received and each notice as sent, and what
the store holds that no row books. Who can rewrite the tables can also rewrite the hashes: so the head of the chain is
kept in the evidence store, too, and compared (`warehouse.anchors`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from psycopg import Connection
from psycopg.pq import TransactionStatus

from exchange_hub.core.ports import ObjectStore
from warehouse import batches, merkle
from warehouse.batches import BatchRow
from warehouse.crew import Crew, cores, crew
from warehouse.differences import Difference, Fault, VerifyResult, batch_difference, difference
from warehouse.leaves import kept_root
from warehouse.merkle import SM3
from warehouse.objects import anchor_differences, notice_differences, package_problem, unbooked_differences
from warehouse.proofs import Sealed, sealed_loads, unsealed_loads
from warehouse.recompute import Orders, Suspect, load_root, strangers, suspects
from warehouse.sealed import Kind, kinds
from warehouse.shapes import field_orders, read_shapes
from warehouse.stretches import stored_places

WORTH = 200_000  # versions for which it pays to start processes
RawCheck = Callable[[BatchRow], str | None]
FAULTS = {"changed": Fault.CHANGED_RECORD, "missing": Fault.MISSING_RECORD, "extra": Fault.EXTRA_RECORD}


def verify(
    conn: Connection,
    batch: tuple[str, str] | None = None,
    raw_check: RawCheck | None = None,
    store: ObjectStore | None = None,
    processes: int | None = None,
) -> VerifyResult:
    """Recompute the evidence of one batch (platform code, number) or of everything.

    Reads one consistent state of the database. Memory is bounded by the largest load (about 300 bytes a version).

    Args:
        raw_check: says why the kept bytes of a batch are not those that were received, None where they are; where it
            is not given, the bytes are read from `store`.
        store: evidence store; with it packages, notices, unbooked objects and the chain's heads are checked too.
        processes: how many share the work; None: as many as there are cores, where there is enough to do.

    Raises:
        KeyError: no such batch.
    """
    own = conn.info.transaction_status == TransactionStatus.IDLE
    if own:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    chosen = _chosen(conn, batch)
    chain = sealed_loads(conn)
    loads = [load for load in chain if chosen is None or load.batch_id == chosen]
    versions = sum(load.inserted for load in loads)
    if processes is None:
        processes = cores() if own and versions >= WORTH else 1
    found = [*_chain(chain, chosen), *_sm3_chain(chain, chosen), *_unsealed(conn, chosen)]
    with crew(conn, processes) as hands:
        found += _rows(hands, chosen, loads, {load.load_id for load in chain})
    if raw_check is None and store is not None:
        raw_check = package_problem(store)
    found += _packages(conn, _batches_of(conn, chosen), raw_check) if raw_check is not None else []
    if store is not None:
        found += notice_differences(conn, store, chosen)
        found += anchor_differences(store, chain)
        found += unbooked_differences(conn, store) if chosen is None else []
    head = chain[-1].chain if chain else merkle.GENESIS
    return VerifyResult(len(loads), versions, tuple(found), head.hex())


def _rows(hands: Crew, chosen: int | None, loads: list[Sealed], chained: set[int]) -> Iterator[Difference]:
    """Rows and kept leaves of these loads against their seals."""
    conn = hands.conn
    orders = field_orders(conn)
    sealed = kinds([shape.dataset for shape in read_shapes(conn)])
    trees = hands.run(partial(kept_root, load.load_id) for load in loads)
    stored = stored_places(conn, sealed, None if chosen is None else [load.load_id for load in loads])
    yield from _roots(loads, trees)
    yield from _named(suspects(hands, sealed, loads, orders, stored), loads)
    if chosen is None:
        known = chained | {load_id for load_id, _ in unsealed_loads(conn)}
        yield from _named(strangers(conn, sealed, stored, known), loads)
    yield from _sm3_roots(hands, loads, sealed, orders)


def _chosen(conn: Connection, batch: tuple[str, str] | None) -> int | None:
    if batch is None:
        return None
    row = batches.find(conn, *batch)
    if row is None:
        raise KeyError(batch[1])
    return row.id


def _chain(chain: list[Sealed], chosen: int | None) -> Iterator[Difference]:
    """Every link: numbers without gaps, each value joined to the one before and to the batch's package."""
    previous, expected = merkle.GENESIS, 1
    for load in chain:
        joined = load.seq == expected and load.previous == previous
        whole = load.chain == merkle.link(load.previous, load.root, load.sha256)
        if not (joined and whole) and chosen in (None, load.batch_id):
            what = "package hash, root or chain value" if joined else "link to the load before"
            yield difference(Fault.CUT_CHAIN, load, f"seq {load.seq}: {what}")
        previous, expected = load.chain, load.seq + 1


def _sm3_chain(chain: list[Sealed], chosen: int | None) -> Iterator[Difference]:
    """The same for the loads that were sealed with SM3, too. It may begin, stop and begin again: it always joins."""
    previous = merkle.GENESIS
    for load in chain:
        if load.sm3 is None:
            continue
        root, before, value = load.sm3
        whole = before == previous and value == merkle.link(before, root, load.sha256, SM3)
        if not whole and chosen in (None, load.batch_id):
            yield difference(Fault.CUT_CHAIN, load, f"seq {load.seq}: SM3")
        previous = value


def _unsealed(conn: Connection, chosen: int | None) -> Iterator[Difference]:
    for load_id, batch_id in unsealed_loads(conn):
        if chosen in (None, batch_id):
            yield replace(batch_difference(Fault.UNSEALED_LOAD, batches.get(conn, batch_id)), load_id=load_id)


def _roots(loads: Sequence[Sealed], trees: Iterator[tuple[bytes, int]]) -> Iterator[Difference]:
    """Each load's root and count against those of its kept leaves."""
    for load, (root, inserted) in zip(loads, trees, strict=True):
        if root != load.root or inserted != load.inserted:
            yield difference(Fault.CHANGED_ROOT, load)


def _sm3_roots(hands: Crew, loads: Iterable[Sealed], sealed: list[Kind], orders: Orders) -> Iterator[Difference]:
    both = [(load, load.sm3[0]) for load in loads if load.sm3 is not None]
    roots = hands.run(partial(load_root, load, sealed, orders, SM3) for load, _ in both)
    for (load, kept), root in zip(both, roots, strict=True):
        if root != kept:
            yield difference(Fault.CHANGED_ROOT, load, "SM3")


def _named(found: Iterator[Suspect], loads: Iterable[Sealed]) -> Iterator[Difference]:
    known = {load.load_id: load for load in loads}
    for one in found:
        made = difference(FAULTS[one.what], known.get(one.load_id))
        yield replace(made, load_id=one.load_id, dataset=one.kind, data_key=one.key, version_no=one.number)


def _batches_of(conn: Connection, chosen: int | None) -> list[int]:
    """Every batch, refused ones too: their bytes are evidence as well."""
    rows = conn.execute("SELECT id FROM hub.batch WHERE %s::bigint IS NULL OR id = %s ORDER BY id", (chosen, chosen))
    return [row[0] for row in rows.fetchall()]


def _packages(conn: Connection, batch_ids: Iterable[int], raw_check: RawCheck) -> Iterator[Difference]:
    for batch_id in batch_ids:
        batch = batches.get(conn, batch_id)
        problem = raw_check(batch)
        if problem is not None:
            yield batch_difference(Fault.CHANGED_PACKAGE, batch, problem)
