"""Stored rows as pages of text, streamed by COPY: what the evidence is recomputed from, and what is exported.

COPY's text form is used because it is nearly the canonical text already: backslash and line ends are escaped the same
way, decimals have six digits, so that little is left to do for a million rows.
"""

import io
from collections.abc import Iterator, Sequence

import polars as pl
from psycopg import Connection, sql

from contracts.model import FieldType
from exchange_hub.core.canonical import SEPARATOR
from warehouse.sealed import Kind
from warehouse.shapes import Column

PAGE_BYTES = 24 << 20  # text parsed at once
PLACE = ("_load", "_key", "_number")  # names of the first columns of a sealed page
# What COPY escapes besides backslash and line ends; the other control characters pass as they are.
_ESCAPES = {"\\b": "\b", "\\t": "\t", "\\v": "\v", "\\f": "\f"}


def sealed_pages(
    conn: Connection,
    kind: Kind,
    columns: Sequence[Column],
    only: tuple[Sequence[int], Sequence[int]] | None = None,
    page_bytes: int = PAGE_BYTES,
    key: tuple[str, int] | None = None,
) -> Iterator[pl.DataFrame]:
    """Rows of a kind in the order of storage.

    Args:
        columns: fields of the dataset that are wanted besides the parts.
        only: numbers of loads and of their batches; None: all rows there are.
        key: only the row of this key and number (versions of a dataset).

    Yields:
        Text frames: PLACE, the kind's parts under their names, the fields under theirs; none is empty.
    """
    listed: list[sql.Composable] = [sql.SQL(text) for text in ("w.load_id", kind.key, kind.number)]
    listed += [sql.SQL(part.sql) for part in kind.parts]
    listed += [sql.SQL("w.{}").format(sql.Identifier(column.name)) for column in columns]
    query = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(listed), kind.source)
    if only is not None:
        listed_ids = [sql.Literal(list(ids)) for ids in only]
        query += sql.SQL(" WHERE w.load_id = ANY ({}) AND w.batch_id = ANY ({})").format(*listed_ids)
    if key is not None:
        query += sql.SQL(" AND w.data_key = {} AND w.version_no = {}").format(*map(sql.Literal, key))
    names = [*PLACE, *(part.name for part in kind.parts)]
    yield from text_pages(conn, query, [*names, *(column.name for column in columns)], page_bytes)


def text_pages(
    conn: Connection, query: sql.Composed, names: Sequence[str], page_bytes: int = PAGE_BYTES
) -> Iterator[pl.DataFrame]:
    """Result of a query in pages of text as COPY writes it (escapes not undone), null where there is none."""
    statement = sql.SQL("COPY ({}) TO STDOUT").format(query)
    held: list[bytes] = []
    size = 0
    with conn.cursor().copy(statement) as copy:
        for block in copy:  # one row or several, never part of one
            held.append(bytes(block))
            size += len(block)
            if size >= page_bytes:
                yield _parse(held, names)
                held, size = [], 0
    if held:
        yield _parse(held, names)


def _parse(held: list[bytes], names: Sequence[str]) -> pl.DataFrame:
    return pl.read_csv(
        io.BytesIO(b"".join(held)),
        has_header=False,
        new_columns=list(names),
        separator="\t",
        quote_char=None,
        null_values="\\N",
        empty_string_is_null=False,
        infer_schema=False,
        eol_char="\n",
        truncate_ragged_lines=False,
    )


def plain(page: pl.DataFrame, name: str) -> pl.Expr:
    """Expression: a text column of a page with COPY's escapes undone."""
    if not _escaped(page, name):
        return pl.col(name)
    table = {"\\\\": "\\", "\\n": "\n", "\\r": "\r", **_ESCAPES}
    return pl.col(name).str.replace_many(list(table), list(table.values()))


def canonical(page: pl.DataFrame, column: Column) -> pl.Expr:
    """Expression: a field of a page in its canonical form (`exchange_hub.core.canonical`)."""
    value = pl.col(column.name)
    if column.type in (FieldType.STRING, FieldType.TEXT):
        if _escaped(page, column.name):
            keep = {"\\\\": "\\\\", **_ESCAPES}  # an escaped backslash is passed over, not taken for a \t
            value = value.str.replace_many(list(keep), list(keep.values()))
        return value.str.replace_all(SEPARATOR, "\\u001f", literal=True) if _separated(page, column.name) else value
    if column.type is FieldType.DATETIME:
        # a fraction of a second was never loaded: it must not go unseen
        rest = pl.when(value.str.slice(19, 1) == ".").then(value.str.slice(19)).otherwise(pl.lit(""))
        digits = value.str.slice(0, 19)
        for sign in ("-", ":", " "):
            digits = digits.str.replace_all(sign, "", literal=True)
        return pl.concat_str([digits, rest])
    if column.type is FieldType.DATE:
        return value.str.replace_all("-", "", literal=True)
    if column.type is FieldType.BOOLEAN:
        return pl.when(value == "t").then(pl.lit("1")).when(value == "f").then(pl.lit("0"))
    return value


def canonical_texts(page: pl.DataFrame, columns: Sequence[Column]) -> pl.Series:
    """Canonical text of each row's record over `columns`, in that order."""
    if not columns:
        return pl.Series("canonical", [""] * page.height, dtype=pl.String)
    values = page.select(canonical(page, column).alias(column.name) for column in columns)
    parts = [
        pl.when(pl.col(name).is_null()).then(pl.lit("N" + SEPARATOR)).otherwise("V" + pl.col(name) + SEPARATOR)
        for name in values.columns
    ]
    return values.select(pl.concat_str(parts).alias("canonical")).to_series()


def _escaped(page: pl.DataFrame, name: str) -> bool:
    return bool(page[name].str.contains("\\", literal=True).any())


def _separated(page: pl.DataFrame, name: str) -> bool:
    return bool(page[name].str.contains(SEPARATOR, literal=True).any())
