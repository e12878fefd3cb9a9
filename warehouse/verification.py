"""Verifying the evidence: everything recomputed from what is stored, every difference named (存证核验).

Recomputed are each record's hash from its typed columns, each leaf, each Merkle root, the chain over all loads and,
where the caller can read the evidence store, the hash of each package as received. Who can rewrite the tables can also
rewrite the hashes: the head of the chain must be kept outside the database, too, and compared with `VerifyResult.head`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import polars as pl
from psycopg import Connection
from psycopg.pq import TransactionStatus

from exchange_hub.core.canonical import hash_records
from warehouse import batches, merkle
from warehouse.batches import BatchRow
from warehouse.evidence import LEAF
from warehouse.merkle import Version
from warehouse.proofs import KeptLeaves, Sealed, kept_leaves, sealed_loads, stored_counts, unsealed_loads
from warehouse.reading import read_versions
from warehouse.shapes import Column, field_orders

RawCheck = Callable[[BatchRow], str | None]


class Fault(StrEnum):
    """What is not as it was sealed."""

    CHANGED_RECORD = "changed_record"
    MISSING_RECORD = "missing_record"
    EXTRA_RECORD = "extra_record"
    CHANGED_ROOT = "changed_root"
    CUT_CHAIN = "cut_chain"
    UNSEALED_LOAD = "unsealed_load"
    CHANGED_PACKAGE = "changed_package"


WORDS = {
    Fault.CHANGED_RECORD: ("记录内容或出处与存证不符", "the record is not what was sealed"),
    Fault.MISSING_RECORD: ("已存证的记录不见了", "a sealed record is gone"),
    Fault.EXTRA_RECORD: ("存在未经存证的记录", "a record that was never sealed"),
    Fault.CHANGED_ROOT: ("叶散列与默克尔根不符", "the leaves do not give the Merkle root"),
    Fault.CUT_CHAIN: ("存证链断开", "the chain does not join here"),
    Fault.UNSEALED_LOAD: ("入库事件没有存证", "a load event without its seal"),
    Fault.CHANGED_PACKAGE: ("原始数据包与接收时不符", "the package is not what was received"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, with its place. `dataset`, `data_key`, `version_no` are set for records only."""

    fault: Fault
    message_zh: str
    message_en: str
    platform_code: str = ""
    batch_no: str = ""
    load_id: int | None = None
    dataset: str | None = None
    data_key: str | None = None
    version_no: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """What was verified and what differs. `head` is the chain value of the last load of all (hex)."""

    loads: int
    versions: int
    differences: tuple[Difference, ...]
    head: str

    @property
    def ok(self) -> bool:
        """Whether everything is as it was sealed."""
        return not self.differences


def verify(conn: Connection, batch: tuple[str, str] | None = None, raw_check: RawCheck | None = None) -> VerifyResult:
    """Recompute the evidence of one batch (platform code, number) or of everything.

    Reads one consistent state of the database; about 7 s for a million versions. Memory is bounded by the largest load.

    Args:
        raw_check: says why the kept bytes of a batch are not those that were received, None where they are.

    Raises:
        KeyError: no such batch.
    """
    if conn.info.transaction_status == TransactionStatus.IDLE:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    chosen = _chosen(conn, batch)
    counts = stored_counts(conn)
    chain = sealed_loads(conn)
    loads = [load for load in chain if chosen is None or load.batch_id == chosen]
    found = [*_chain(chain, chosen), *_unsealed(conn, chosen)]
    orders = field_orders(conn)
    for load in loads:
        found += _load(conn, load, counts.get(load.load_id, {}), orders)
    if raw_check is not None:
        found += _packages(conn, sorted({load.batch_id for load in loads}), raw_check)
    head = chain[-1].chain if chain else merkle.GENESIS
    return VerifyResult(len(loads), sum(load.inserted for load in loads), tuple(found), head.hex())


def _chosen(conn: Connection, batch: tuple[str, str] | None) -> int | None:
    if batch is None:
        return None
    row = batches.find(conn, *batch)
    if row is None:
        raise KeyError(batch[1])
    return row.id


def _difference(fault: Fault, load: Sealed | None = None, detail: str = "") -> Difference:
    made = Difference(fault, *WORDS[fault], detail=detail)
    if load is None:
        return made
    return replace(made, platform_code=load.platform_code, batch_no=load.batch_no, load_id=load.load_id)


def _chain(chain: list[Sealed], chosen: int | None) -> Iterator[Difference]:
    """Every link: numbers without gaps, each value joined to the one before and to the batch's package."""
    previous, expected = merkle.GENESIS, 1
    for load in chain:
        joined = load.seq == expected and load.previous == previous
        whole = load.chain == merkle.link(load.previous, load.root, load.sha256)
        if not (joined and whole) and chosen in (None, load.batch_id):
            what = "package hash, root or chain value" if joined else "link to the load before"
            yield _difference(Fault.CUT_CHAIN, load, f"seq {load.seq}: {what}")
        previous, expected = load.chain, load.seq + 1


def _unsealed(conn: Connection, chosen: int | None) -> Iterator[Difference]:
    for load_id, batch_id in unsealed_loads(conn):
        if chosen in (None, batch_id):
            batch = batches.get(conn, batch_id)
            made = _difference(Fault.UNSEALED_LOAD)
            yield replace(made, platform_code=batch.platform_code, batch_no=batch.batch_no, load_id=load_id)


def _load(
    conn: Connection,
    load: Sealed,
    stored: dict[str, int],
    orders: dict[tuple[str, str], tuple[Column, ...]],
) -> Iterator[Difference]:
    """One load: its leaves against its root, its stored versions against its leaves."""
    kept = kept_leaves(conn, load.load_id)
    leaves = [leaf for dataset in sorted(kept) for leaf in kept[dataset].values()]
    if merkle.root(leaves) != load.root or len(leaves) != load.inserted:
        yield _difference(Fault.CHANGED_ROOT, load)
    for dataset in sorted({*kept, *stored}):
        expected = dict(kept.get(dataset, {}))
        for place, fault in _records(conn, load, dataset, expected, orders):
            yield replace(_difference(fault, load), dataset=dataset, data_key=place[0], version_no=place[1])


def _records(
    conn: Connection,
    load: Sealed,
    dataset: str,
    expected: KeptLeaves,
    orders: dict[tuple[str, str], tuple[Column, ...]],
) -> Iterator[tuple[tuple[str, int], Fault]]:
    """Places of versions that differ. `expected` is emptied on the way; what is left over is missing."""
    columns = orders.get((dataset, load.contract_version), ())
    for frame in read_versions(conn, dataset, load.load_id, columns):
        hashes = hash_records(frame, [column.name for column in columns]) if columns else pl.Series([""] * frame.height)
        rows = frame.select(name for name, _, _ in LEAF).iter_rows()
        for row, computed in zip(rows, hashes.to_list(), strict=True):
            version = Version(dataset, *row)
            place = (version.data_key, version.version_no)
            leaf = expected.pop(place, None)
            if leaf is None:
                yield place, Fault.EXTRA_RECORD
            elif computed != version.record_hash or merkle.leaf(version) != leaf:
                yield place, Fault.CHANGED_RECORD
    for place in expected:
        yield place, Fault.MISSING_RECORD


def _packages(conn: Connection, batch_ids: Iterable[int], raw_check: RawCheck) -> Iterator[Difference]:
    for batch_id in batch_ids:
        batch = batches.get(conn, batch_id)
        problem = raw_check(batch)
        if problem is not None:
            made = _difference(Fault.CHANGED_PACKAGE, detail=problem)
            yield replace(made, platform_code=batch.platform_code, batch_no=batch.batch_no)
