"""Inclusion proofs (存证证明): that one version of a record was sealed, for someone who has nothing but the proof.

The proof leads from the record's own text to its leaf, up the Merkle tree to the load's root, and along the chain to a
head that was kept outside the database. `docs/how-to/check_proof.py` checks it with Python alone.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl
from psycopg import Connection

from exchange_hub.core.errors import UsageError
from warehouse import merkle
from warehouse.leaves import kept, leaf_texts, plain_parts
from warehouse.proofs import Sealed, sealed_loads
from warehouse.reading import Only, canonical_texts, sealed_pages
from warehouse.sealed import dataset_kind
from warehouse.shapes import Column, field_order

FORMAT = "exchange-hub-proof/1"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which version of which record; `version_no` None: the newest. `with_text`: the record's content goes along."""

    dataset: str
    data_key: str
    version_no: int | None = None
    with_text: bool = True


def prove(conn: Connection, wanted: Wanted, heads: list[dict[str, Any]]) -> dict[str, Any]:
    """The proof as a document.

    Args:
        heads: heads of the chain kept outside (`warehouse.objects.anchors`); the proof ends at the first one that
            covers the record, else at the newest link of the chain.

    Raises:
        UsageError: no such version, or its seal does not hold (run `hub audit verify`); or its content has personal
            values and was not asked for without it.
    """
    load_id, batch_id, number, version = _find(conn, wanted)
    chain = sealed_loads(conn)
    place = next((n for n, load in enumerate(chain) if load.load_id == load_id), None)
    if place is None:
        raise _broken(wanted, f"load {load_id} has no seal")
    columns = field_order(conn, wanted.dataset, version)
    row, text = _row(conn, wanted, (load_id, batch_id, number), columns)
    steps, leaf = _path(conn, wanted.dataset, wanted.data_key, (load_id, number))
    leaf_text = leaf_texts(row, dataset_kind(wanted.dataset))[0]
    if merkle.leaves([leaf_text]) != [leaf]:
        raise _broken(wanted, "the stored version is not what was sealed")
    end = _end(chain, place, heads)
    return {
        "format": FORMAT,
        "dataset": wanted.dataset,
        "data_key": wanted.data_key,
        "version_no": number,
        "fields": [column.name for column in columns],
        "record_text": text if wanted.with_text else None,
        "record_hash": row["record_hash"][0],
        "leaf_text": leaf_text.decode(),
        "leaf": leaf.hex(),
        "path": [{"side": side, "hash": value.hex()} for side, value in steps],
        "root": chain[place].root.hex(),
        "seq": chain[place].seq,
        "previous_chain": chain[place].previous.hex(),
        "links": [{"root": load.root.hex(), "package_sha256": load.sha256} for load in chain[place : end + 1]],
        "head": {"seq": chain[end].seq, "chain": chain[end].chain.hex()},
    }


def personal_fields(conn: Connection, dataset: str, data_key: str) -> list[str]:
    """Fields of masked personal data that any release of the dataset has and a version of the record fills."""
    row = conn.execute(
        "SELECT coalesce(array_agg(DISTINCT f.field), '{}') FROM hub.contract_field f JOIN audit.record_of(%s, %s) r"
        " ON r.dataset = f.dataset AND r.payload ? f.field"
        " WHERE f.dataset = %s AND f.personal IS NOT NULL AND f.personal <> 'name'",
        (dataset, data_key, dataset),
    ).fetchone()
    return list(row[0]) if row else []


def _find(conn: Connection, wanted: Wanted) -> tuple[int, int, int, str]:
    row = conn.execute(
        "SELECT r.load_id, l.batch_id, r.version_no, r.contract_version FROM audit.record_of(%s, %s) r"
        " JOIN hub.load l ON l.id = r.load_id"
        " WHERE (%s::integer IS NULL OR r.version_no = %s) ORDER BY r.version_no DESC LIMIT 1",
        (wanted.dataset, wanted.data_key, wanted.version_no, wanted.version_no),
    ).fetchone()
    if row is None:
        raise UsageError(
            "UNKNOWN_RECORD",
            f"数据集 {wanted.dataset} 没有主键为 {wanted.data_key} 的版本",
            f"there is no such version of {wanted.data_key} in {wanted.dataset}",
        )
    return int(row[0]), int(row[1]), int(row[2]), str(row[3])


def _row(
    conn: Connection, wanted: Wanted, place: tuple[int, int, int], columns: tuple[Column, ...]
) -> tuple[pl.DataFrame, str]:
    """Parts of the version's leaf, one row, and its canonical text."""
    load_id, batch_id, number = place
    kind = dataset_kind(wanted.dataset)
    only = Only([load_id], [batch_id], key=(wanted.data_key, number))
    key = (pl.col("_key") == wanted.data_key) & (pl.col("_number") == str(number))
    for page in sealed_pages(conn, kind, columns, only):
        found = page.where(key)
        if found.frame.height:
            return plain_parts(found, kind), str(canonical_texts(found, columns)[0])
    raise _broken(wanted, "the stored version is gone")


def _path(
    conn: Connection, dataset: str, data_key: str, place: tuple[int, int]
) -> tuple[list[tuple[str, bytes]], bytes]:
    load_id, number = place
    before = 0
    tree: list[bytes] = []
    at: int | None = None
    for name, frame in kept(conn, load_id).items():
        if name == dataset:
            here = (frame["_key"] == data_key) & (frame["_number"] == number)
            at = before + int(here.arg_max() or 0) if here.any() else None
        tree += frame["_leaf"].to_list()
        before += frame.height
    if at is None:
        raise UsageError("NOT_SEALED", "该版本没有存证叶", "the version has no kept leaf: run hub audit verify")
    return merkle.path(tree, at), tree[at]


def _end(chain: list[Sealed], place: int, heads: list[dict[str, Any]]) -> int:
    """Place of the first link at or after the record's that was kept outside; the last one where none was."""
    known = {head["seq"]: head["chain"] for head in heads}
    for number in range(place, len(chain)):
        if known.get(chain[number].seq) == chain[number].chain.hex():
            return number
    return len(chain) - 1


def _broken(wanted: Wanted, why: str) -> UsageError:
    return UsageError(
        "SEAL_BROKEN",
        f"{wanted.dataset} {wanted.data_key} 的存证不成立，请运行 hub audit verify：{why}",
        f"the seal of {wanted.data_key} in {wanted.dataset} does not hold, run hub audit verify: {why}",
    )
