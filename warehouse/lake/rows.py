"""Stored versions as Arrow record batches, streamed: as much memory as a page of text takes, however many rows."""

from collections.abc import Iterator

import polars as pl
import pyarrow as pa
from psycopg import Connection, sql
from pyiceberg.io.pyarrow import schema_to_pyarrow

from contracts.model import FieldType
from warehouse.lake.columns import named, schema, selected
from warehouse.reading import Page, text_pages
from warehouse.shapes import Shape


def new_versions(conn: Connection, shape: Shape, after: int, through: int) -> pa.RecordBatchReader:
    """Versions of a dataset whose load stands in the chain behind `after`, up to and with `through`.

    Columns and types are those of the lake's table; personal values masked.
    """
    wanted = schema_to_pyarrow(schema(shape), include_field_ids=False)
    return pa.RecordBatchReader.from_batches(wanted, _batches(conn, shape, wanted, (after, through)))


def _batches(conn: Connection, shape: Shape, wanted: pa.Schema, between: tuple[int, int]) -> Iterator[pa.RecordBatch]:
    columns = named(shape)
    for page in text_pages(conn, _query(conn, shape, between), [name for name, _ in columns]):
        typed = page.frame.select(_typed(page, name, kind) for name, kind in columns)
        yield from typed.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(wanted).to_batches()


def _query(conn: Connection, shape: Shape, between: tuple[int, int]) -> sql.Composed:
    """Loads are few beside versions: their numbers first, so that the block index on load_id is used."""
    chosen = sql.SQL("seq > {} AND seq <= {}").format(*map(sql.Literal, between))
    row = conn.execute(sql.SQL("SELECT min(load_id), max(load_id) FROM hub.load_proof WHERE {}").format(chosen))
    lowest, highest = row.fetchone() or (None, None)
    return sql.SQL(
        "SELECT {columns} FROM hub.{table} w JOIN hub.load_proof p ON p.load_id = w.load_id"
        " JOIN hub.batch b ON b.id = w.batch_id"
        " WHERE w.load_id BETWEEN {lowest} AND {highest} AND {chosen}"
    ).format(
        columns=selected(shape),
        table=sql.Identifier(shape.table),
        lowest=sql.Literal(lowest),
        highest=sql.Literal(highest),
        chosen=chosen,
    )


def _typed(page: Page, name: str, kind: FieldType) -> pl.Expr:
    text = pl.col(name)
    match kind:
        case FieldType.INTEGER:
            return text.cast(pl.Int64)
        case FieldType.DECIMAL:
            return text.str.to_decimal(scale=6).cast(pl.Decimal(38, 6))
        case FieldType.DATETIME:  # selected as microseconds
            return text.cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
        case FieldType.DATE:
            return text.str.to_date("%Y-%m-%d")
        case FieldType.BOOLEAN:
            return text == "t"
        case _:
            return page.plain(name).alias(name)
