"""Verifying the evidence: everything recomputed from what is stored, every difference named (存证核验).

Recomputed are each record's hash from its typed columns, each leaf, each Merkle root, the chain over all loads and,
where the caller can read the evidence store, the hash of each package as received and each notice as sent, and what
the store holds that no row books. Who can rewrite the tables can also rewrite the hashes: so the head of the chain is
kept in the evidence store, too, and compared (`warehouse.anchors`).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from psycopg import Connection
from psycopg.pq import TransactionStatus

from exchange_hub.core.ports import ObjectStore
from warehouse import batches, merkle
from warehouse.batches import BatchRow
from warehouse.differences import Difference, Fault, VerifyResult, batch_difference, difference
from warehouse.leaves import kept_tree
from warehouse.merkle import SM3
from warehouse.objects import anchor_differences, notice_differences, package_problem, unbooked_differences
from warehouse.proofs import Sealed, sealed_loads, unsealed_loads
from warehouse.recompute import Orders, Suspect, load_root, strangers, suspects
from warehouse.sealed import Kind, kinds
from warehouse.shapes import field_orders, read_shapes

RawCheck = Callable[[BatchRow], str | None]
FAULTS = {"changed": Fault.CHANGED_RECORD, "missing": Fault.MISSING_RECORD, "extra": Fault.EXTRA_RECORD}


def verify(
    conn: Connection,
    batch: tuple[str, str] | None = None,
    raw_check: RawCheck | None = None,
    store: ObjectStore | None = None,
) -> VerifyResult:
    """Recompute the evidence of one batch (platform code, number) or of everything.

    Reads one consistent state of the database. Memory is bounded by the largest load (about 300 bytes a version).

    Args:
        raw_check: says why the kept bytes of a batch are not those that were received, None where they are; where it
            is not given, the bytes are read from `store`.
        store: evidence store; with it packages, notices, unbooked objects and the chain's heads are checked too.

    Raises:
        KeyError: no such batch.
    """
    if conn.info.transaction_status == TransactionStatus.IDLE:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    chosen = _chosen(conn, batch)
    chain = sealed_loads(conn)
    loads = [load for load in chain if chosen is None or load.batch_id == chosen]
    orders = field_orders(conn)
    sealed = kinds([shape.dataset for shape in read_shapes(conn)])
    found = [*_chain(chain, chosen), *_sm3_chain(chain, chosen), *_unsealed(conn, chosen), *_roots(conn, loads)]
    found += _named(suspects(conn, sealed, loads, orders), loads)
    if chosen is None:
        unsealed = {load_id for load_id, _ in unsealed_loads(conn)}
        known = {load.load_id for load in chain} | unsealed
        found += _named(strangers(conn, sealed, known), loads)
    found += _sm3_roots(conn, loads, sealed, orders)
    if raw_check is None and store is not None:
        raw_check = package_problem(store)
    found += _packages(conn, _batches_of(conn, chosen), raw_check) if raw_check is not None else []
    if store is not None:
        found += notice_differences(conn, store, chosen)
        found += anchor_differences(store, chain)
        found += unbooked_differences(conn, store) if chosen is None else []
    head = chain[-1].chain if chain else merkle.GENESIS
    return VerifyResult(len(loads), sum(load.inserted for load in loads), tuple(found), head.hex())


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


def _roots(conn: Connection, loads: Iterable[Sealed]) -> Iterator[Difference]:
    """Kept leaves of each load against its root and its count."""
    for load in loads:
        tree, inserted = kept_tree(conn, load.load_id)
        if merkle.root(tree) != load.root or inserted != load.inserted:
            yield difference(Fault.CHANGED_ROOT, load)


def _sm3_roots(conn: Connection, loads: Iterable[Sealed], sealed: list[Kind], orders: Orders) -> Iterator[Difference]:
    for load in loads:
        if load.sm3 is not None and load_root(conn, load, sealed, orders, SM3) != load.sm3[0]:
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
