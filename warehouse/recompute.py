"""Stored rows against the leaves that were kept when they were sealed.

Reading goes ahead in a thread of its own, so that the database and the hashing each have a core; with more cores the
stretches are shared out among processes (`warehouse.crew`).
"""

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import polars as pl
from psycopg import Connection, sql

from exchange_hub.core.canonical import hash_texts
from warehouse import merkle
from warehouse.crew import Crew
from warehouse.leaves import KEPT, kept_counts, kept_of_kind, leaf_texts, plain_parts
from warehouse.merkle import SHA256
from warehouse.proofs import Sealed
from warehouse.reading import Only, Page, canonical_texts, sealed_pages
from warehouse.sealed import Kind, sealed_by
from warehouse.shapes import Column
from warehouse.stretches import StoredPlaces, Stretch, stretches

GROUP = 400_000  # rows of several small loads compared at once
AHEAD = 3  # pages read ahead
LEAVES = {"_load": pl.Int64(), **KEPT, "_whole": pl.Boolean()}
Orders = Mapping[tuple[str, str], tuple[Column, ...]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row that differs: `what` is changed, extra or missing."""

    what: str
    load_id: int
    kind: str
    key: str
    number: int


def suspects(
    crew: Crew, kinds: Sequence[Kind], loads: Sequence[Sealed], orders: Orders, stored: StoredPlaces
) -> Iterator[Suspect]:
    """Rows of these loads that are not as they were sealed, and sealed rows that are gone."""
    kept = kept_counts(crew.conn, [load.load_id for load in loads])
    work: list[tuple[Stretch, bool]] = []  # and whether it is the last of those compared together
    for kind in kinds:
        covered = {load.load_id: load for load in loads if sealed_by(kind, load.evidence_version)}
        there = stored[kind.name]
        sizes = {n: max(kept.get((n, kind.name), 0), there[n].rows if n in there else 0) for n in covered}
        for ids in _groups(sizes):
            parts = stretches(kind, [covered[n] for n in ids], there)
            work += [(part, part is parts[-1]) for part in parts]
    results = crew.run(partial(stretch_leaves, part, _of_dataset(orders, part.kind)) for part, _ in work)
    rows: list[pl.DataFrame] = []
    for part, last in work:
        if not rows:  # read before it is waited for the rows
            sealed = kept_of_kind(crew.conn, part.kind.name, part.only.load_ids)
        rows.append(next(results))
        if last:
            yield from _differing(part.kind, sealed, rows)
            rows = []


def strangers(conn: Connection, kinds: Sequence[Kind], stored: StoredPlaces, known: set[int]) -> Iterator[Suspect]:
    """Rows of load events that were never sealed at all."""
    for kind in kinds:
        for load_id in sorted(set(stored[kind.name]) - known):
            query = sql.SQL("SELECT {}, {} FROM {} WHERE w.load_id = {}").format(
                sql.SQL(kind.key), sql.SQL(kind.number), kind.source, sql.Literal(load_id)
            )
            for key, number in conn.execute(query).fetchall():
                yield Suspect("extra", load_id, kind.name, key, int(number))


def stretch_leaves(stretch: Stretch, orders: Orders, conn: Connection) -> pl.DataFrame:
    """`page_leaves` of a stretch, in the order of storage."""
    pages = sealed_pages(conn, stretch.kind, _columns(stretch.kind, orders), stretch.only)
    frames = [page_leaves(page, stretch.kind, orders) for page in ahead(pages)]
    return pl.concat(frames) if frames else pl.DataFrame(schema=LEAVES)


def page_leaves(page: Page, kind: Kind, orders: Orders, algorithm: str = SHA256) -> pl.DataFrame:
    """`_load`, `_key`, `_number`, `_leaf` of a page, and `_whole`: the record's content gives its stored hash."""
    parts = plain_parts(page, kind)
    whole = pl.Series("_whole", [True]).new_from_index(0, page.frame.height)
    if kind.is_dataset:
        computed = _record_hashes(page, kind, orders, algorithm)
        if algorithm == SHA256:
            whole = (computed == parts["record_hash"]).alias("_whole")
        parts = parts.with_columns(computed.alias("record_hash"))
    places = page.frame.select(pl.col("_load").cast(pl.Int64), pl.col("_key"), pl.col("_number").cast(pl.Int32))
    leaves = pl.Series("_leaf", merkle.leaves(leaf_texts(parts, kind), algorithm), dtype=pl.Binary())
    return places.with_columns(leaves, whole)


def load_root(load: Sealed, kinds: Sequence[Kind], orders: Orders, algorithm: str, conn: Connection) -> bytes:
    """Merkle root of one load, from its rows as they are stored now."""
    tree: list[bytes] = []
    for kind in kinds:
        if sealed_by(kind, load.evidence_version):
            columns = _columns(kind, orders)
            pages = sealed_pages(conn, kind, columns, Only([load.load_id], [load.batch_id]))
            frames = [page_leaves(page, kind, orders, algorithm) for page in pages]
            tree += pl.concat(frames).sort("_key", "_number")["_leaf"].to_list() if frames else []
    return merkle.root(tree, algorithm)


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The items, made in a thread of their own a few ahead of their use; what fails there is raised here."""
    waiting: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(AHEAD)
    stop = threading.Event()

    def work() -> None:
        failure: BaseException | None = None
        try:
            for item in items:
                waiting.put((item, None))
                if stop.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 -- handed over to the thread that waits
            failure = error
        waiting.put((None, failure or StopIteration()))

    thread = threading.Thread(target=work, name="hub-read-ahead", daemon=True)
    thread.start()
    try:
        while True:
            item, failure = waiting.get()
            if isinstance(failure, StopIteration):
                return
            if failure is not None:
                raise failure
            yield item  # type: ignore[misc]
    finally:
        stop.set()
        while thread.is_alive():
            try:
                waiting.get_nowait()
            except queue.Empty:
                thread.join(0.05)


def _differing(kind: Kind, found: pl.DataFrame, rows: Sequence[pl.DataFrame]) -> Iterator[Suspect]:
    stored = pl.concat(rows)
    places = ["_load", "_key", "_number", "_leaf"]
    if stored["_whole"].all() and stored.select(places).equals(found.select(places)):
        return  # all there, in the order in which it was sealed: nothing to look for
    both = stored.join(found.rename({"_leaf": "_kept"}), on=["_load", "_key", "_number"], how="full", coalesce=True)
    wrong = both.with_columns(
        pl.when(pl.col("_kept").is_null())
        .then(pl.lit("extra"))
        .when(pl.col("_leaf").is_null())
        .then(pl.lit("missing"))
        .when((pl.col("_leaf") != pl.col("_kept")) | ~pl.col("_whole"))
        .then(pl.lit("changed"))
        .alias("_what")
    ).filter(pl.col("_what").is_not_null())
    for what, load_id, key, number in wrong.select("_what", "_load", "_key", "_number").sort(pl.all()).iter_rows():
        yield Suspect(what, load_id, kind.name, key, number)


def _record_hashes(page: Page, kind: Kind, orders: Orders, algorithm: str) -> pl.Series:
    """Hash of each record by the field order of its own release; of an unknown release the hash of nothing."""
    versions = page.frame["contract_version"].unique().to_list()
    if len(versions) == 1:
        return hash_texts(canonical_texts(page, orders.get((kind.name, versions[0]), ())), algorithm)
    places = page.frame.select("contract_version").with_row_index("_n")
    made = []
    for version in versions:
        chosen = pl.col("contract_version") == version
        part = page.where(chosen)
        texts = canonical_texts(part, orders.get((kind.name, version), ()))
        made.append(places.filter(chosen).with_columns(hash_texts(texts, algorithm)))
    return pl.concat(made).sort("_n")["_record_hash"]


def _columns(kind: Kind, orders: Orders) -> list[Column]:
    """All fields that any release of a dataset has."""
    named = {
        column.name: column for (dataset, _), columns in orders.items() if dataset == kind.name for column in columns
    }
    return list(named.values())


def _of_dataset(orders: Orders, kind: Kind) -> Orders:
    return {key: columns for key, columns in orders.items() if key[0] == kind.name}


def _groups(sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """Loads that have anything, so many together that a comparison is worth it."""
    group: list[int] = []
    rows = 0
    for load_id, size in sizes.items():
        if size == 0:
            continue
        group.append(load_id)
        rows += size
        if rows >= GROUP:
            yield group
            group, rows = [], 0
    if group:
        yield group
