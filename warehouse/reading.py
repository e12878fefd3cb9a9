"""Stored versions back into typed frames, as they were hashed when they were loaded."""

import io
from collections.abc import Iterator, Sequence

import polars as pl
from psycopg import Connection, sql

from contracts.model import FieldType
from warehouse.evidence import LEAF
from warehouse.shapes import Column, table_name

PAGE = 50_000  # versions read at once
# What is sent for a value of each type: text or an integer, so that CSV carries it without loss.
_SENT = {
    FieldType.STRING: "'V' || {}",
    FieldType.TEXT: "'V' || {}",
    FieldType.INTEGER: "{}",
    FieldType.DECIMAL: "{}",
    FieldType.DATETIME: "(extract(epoch FROM {}) * 1000000)::bigint",
    FieldType.DATE: "{} - date '1970-01-01'",
    FieldType.BOOLEAN: "{}::integer",
}


def read_versions(
    conn: Connection, dataset: str, load_id: int, columns: Sequence[Column], page: int = PAGE
) -> Iterator[pl.DataFrame]:
    """Versions of a dataset that a load wrote, in pages, with the types that validation gave them.

    Args:
        columns: fields to read besides those of evidence.LEAF.
        page: rows of a page.

    Yields:
        Frames of the names of evidence.LEAF (numbers Int64, the rest text) and the fields under their own names,
        ordered by key and version; none is empty.
    """
    last: tuple[str, int] = ("", 0)
    while True:
        content = _fetch(conn, dataset, load_id, columns, (*last, page))
        if not content:
            return
        frame = _parse(content, columns)
        yield frame
        last = (str(frame["data_key"][-1]), int(frame["version_no"][-1]))


def _fetch(
    conn: Connection, dataset: str, load_id: int, columns: Sequence[Column], place: tuple[str, int, int]
) -> bytes:
    """CSV of the versions after (key, version), at most so many. Texts are marked: an empty one is not none."""
    key, number, page = place
    head = ", ".join(text if is_number else f"'V' || {text}" for _, text, is_number in LEAF)
    fields = [sql.SQL(_SENT[column.type]).format(sql.Identifier(column.name)) for column in columns]
    query = sql.SQL(
        "COPY (SELECT {listed} FROM {table} WHERE load_id = {load} AND (data_key, version_no) > ({key}, {number})"
        " ORDER BY data_key, version_no LIMIT {page}) TO STDOUT (FORMAT csv)"
    ).format(
        listed=sql.SQL(", ").join([sql.SQL(head), *fields]),
        table=sql.Identifier("hub", table_name(dataset)),
        load=sql.Literal(load_id),
        key=sql.Literal(key),
        number=sql.Literal(number),
        page=sql.Literal(page),
    )
    with conn.cursor().copy(query) as copy:
        return b"".join(bytes(block) for block in copy)


def _parse(content: bytes, columns: Sequence[Column]) -> pl.DataFrame:
    names = [*(name for name, _, _ in LEAF), *(column.name for column in columns)]
    frame = pl.read_csv(io.BytesIO(content), has_header=False, new_columns=names, infer_schema=False)
    return frame.select(
        *(pl.col(name).cast(pl.Int64) if is_number else _unmarked(name) for name, _, is_number in LEAF),
        *(_typed(column) for column in columns),
    )


def _unmarked(name: str) -> pl.Expr:
    return pl.col(name).str.strip_prefix("V")


def _typed(column: Column) -> pl.Expr:
    value = pl.col(column.name)
    if column.type is FieldType.DATETIME:
        instant = value.cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
        return instant.dt.convert_time_zone("Asia/Shanghai")
    if column.type is FieldType.DATE:
        return value.cast(pl.Int32).cast(pl.Date)
    if column.type is FieldType.BOOLEAN:
        return value == "1"
    if column.type is FieldType.DECIMAL:
        return value.str.to_decimal(scale=6).cast(pl.Decimal(38, 6))
    return value.cast(pl.Int64) if column.type is FieldType.INTEGER else _unmarked(column.name)
