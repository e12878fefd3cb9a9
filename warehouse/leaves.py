"""Texts of leaves from frames, and the leaves that were kept."""

from collections.abc import Sequence

import polars as pl
from psycopg import Connection

from warehouse import merkle
from warehouse.reading import Page
from warehouse.sealed import Kind

CHUNK = 10_000  # leaves kept in one row
KEPT = {"_key": pl.String(), "_number": pl.Int32(), "_leaf": pl.Binary()}


def leaf_texts(frame: pl.DataFrame, kind: Kind) -> list[bytes]:
    """Text (UTF-8) of each row's leaf. The parts stand in `frame` as plain text (null only where a part is marked)."""
    parts: list[pl.Expr] = [pl.lit(f"{len(kind.name)}:{kind.name}")]
    for part in kind.parts:
        value = pl.col(part.name)
        if part.marked:
            value = pl.when(value.is_null()).then(pl.lit("N")).otherwise(pl.lit("V") + value)
        parts += [value.str.len_chars().cast(pl.String), pl.lit(":"), value]
    return frame.select(pl.concat_str(parts).cast(pl.Binary).alias("text")).to_series().to_list()


def plain_parts(page: Page, kind: Kind) -> pl.DataFrame:
    """The kind's parts of a page as plain text."""
    return page.frame.select(page.plain(part.name).alias(part.name) for part in kind.parts)


def leaf_rows(load_id: int, kind: str, places: pl.DataFrame, leaves: Sequence[bytes]) -> list[tuple[object, ...]]:
    """Rows of `keep` for the leaves of a kind, ordered as in the tree, so that a difference can be named later.

    Args:
        places: `_key` (text without line ends) and `_number`, one row a leaf.
    """
    rows: list[tuple[object, ...]] = []
    for chunk, start in enumerate(range(0, len(leaves), CHUNK)):
        part = places.slice(start, CHUNK)
        keys, numbers = "\n".join(part["_key"].to_list()), ",".join(part["_number"].cast(pl.String).to_list())
        rows.append((load_id, kind, chunk, keys, numbers, b"".join(leaves[start : start + CHUNK])))
    return rows


def keep(conn: Connection, rows: Sequence[tuple[object, ...]]) -> None:
    """Keep leaves, as `leaf_rows` gives them."""
    conn.cursor().executemany(
        "INSERT INTO hub.load_leaf VALUES (%s, %s, %s, string_to_array(%s, E'\\n'),"
        " string_to_array(%s, ',')::integer[], %s)",
        rows,
    )


def kept(conn: Connection, load_id: int) -> dict[str, pl.DataFrame]:
    """Kept leaves of a load by kind, in the order of the tree: `_key`, `_number`, `_leaf`."""
    rows = conn.execute(
        "SELECT dataset, data_keys, version_nos, leaves FROM hub.load_leaf WHERE load_id = %s ORDER BY dataset, chunk",
        (load_id,),
        binary=True,
    )
    found: dict[str, list[pl.DataFrame]] = {}
    for kind, keys, numbers, leaves in rows:
        parts = [leaves[start : start + 32] for start in range(0, len(leaves), 32)]
        frame = pl.DataFrame({"_key": keys, "_number": numbers, "_leaf": parts}, schema=KEPT)
        found.setdefault(kind, []).append(frame)
    return {kind: pl.concat(frames) for kind, frames in sorted(found.items())}


def kept_root(load_id: int, conn: Connection) -> tuple[bytes, int]:
    """Merkle root of a load's kept leaves, and how many of them are versions of records."""
    rows = conn.execute(
        "SELECT leaves, CASE WHEN starts_with(dataset, '~') THEN 0 ELSE cardinality(version_nos) END"
        " FROM hub.load_leaf WHERE load_id = %s ORDER BY dataset, chunk",
        (load_id,),
        binary=True,
    ).fetchall()
    parts = [leaves[start : start + 32] for leaves, _ in rows for start in range(0, len(leaves), 32)]
    return merkle.root(parts), sum(versions for _, versions in rows)


def kept_of_kind(conn: Connection, kind: str, load_ids: Sequence[int]) -> pl.DataFrame:
    """Kept leaves of one kind for several loads, by load and place: `_load`, `_key`, `_number`, `_leaf`."""
    rows = conn.execute(
        "SELECT load_id, data_keys, version_nos, leaves FROM hub.load_leaf WHERE dataset = %s AND load_id = ANY(%s)"
        " ORDER BY load_id, chunk",
        (kind, list(load_ids)),
        binary=True,
    )
    frames = [
        pl.DataFrame(
            {
                "_load": [load_id] * len(keys),
                "_key": keys,
                "_number": numbers,
                "_leaf": [leaves[start : start + 32] for start in range(0, len(leaves), 32)],
            },
            schema={"_load": pl.Int64(), **KEPT},
        )
        for load_id, keys, numbers, leaves in rows
    ]
    return pl.concat(frames) if frames else pl.DataFrame(schema={"_load": pl.Int64(), **KEPT})


def kept_counts(conn: Connection, load_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """Number of kept leaves of these loads, by load and kind."""
    rows = conn.execute(
        "SELECT load_id, dataset, sum(cardinality(version_nos))::bigint FROM hub.load_leaf"
        " WHERE load_id = ANY(%s) GROUP BY load_id, dataset",
        (list(load_ids),),
    )
    return {(load_id, kind): number for load_id, kind, number in rows}
