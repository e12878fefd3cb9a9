"""Stored rows as pages of text, streamed by COPY: what the evidence is recomputed from, and what is exported.

COPY's text form is used because it is nearly the canonical text already: backslash and line ends are escaped the same
way, decimals have six digits, so that little is left to do for a million rows.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
from psycopg import Connection, sql

from contracts.model import FieldType
from exchange_hub.core.canonical import SEPARATOR
from warehouse.sealed import Kind
from warehouse.shapes import Column

PAGE_BYTES = 8 << 20  # text parsed at once: larger pages leave the caches
PLACE = ("_load", "_key", "_number")  # names of the first columns of a sealed page
# What COPY escapes besides backslash and line ends; the other control characters pass as they are.
_ESCAPES = {"\\b": "\b", "\\t": "\t", "\\v": "\v", "\\f": "\f"}


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as COPY writes them: every column text, null where there is none.

    `escaped` is false where no value of the page holds an escape, `separated` where none holds the separator of the
    canonical text: nearly always, and then nothing is looked for again in each column.
    """

    frame: pl.DataFrame
    escaped: bool = True
    separated: bool = True

    def plain(self, name: str) -> pl.Expr:
        """Expression: a column with COPY's escapes undone."""
        if not self.escaped:
            return pl.col(name)
        table = {"\\\\": "\\", "\\n": "\n", "\\r": "\r", **_ESCAPES}
        return pl.col(name).str.replace_many(list(table), list(table.values()))

    def where(self, condition: pl.Expr) -> "Page":
        """The rows for which a condition holds."""
        return Page(self.frame.filter(condition), self.escaped, self.separated)


@dataclass(frozen=True, slots=True)
class Only:
    """Which rows of a kind: those of some loads and their batches.

    Attributes:
        key: of them the row of this key and number (versions of a dataset).
        blocks: of them those in these blocks of the dataset's table: the first, and the one after the last.
    """

    load_ids: Sequence[int]
    batch_ids: Sequence[int]
    key: tuple[str, int] | None = None
    blocks: tuple[int, int] | None = None

    def condition(self) -> sql.Composed:
        """As a WHERE clause. With blocks it names no load's index: that would lead through all blocks of the load."""
        by_load = "w.load_id = ANY ({})" if self.blocks is None else "w.load_id + 0 = ANY ({})"
        named: list[sql.Composable] = [sql.SQL(by_load).format(sql.Literal(list(self.load_ids)))]
        named.append(sql.SQL("w.batch_id = ANY ({})").format(sql.Literal(list(self.batch_ids))))
        if self.key is not None:
            named.append(sql.SQL("w.data_key = {} AND w.version_no = {}").format(*map(sql.Literal, self.key)))
        if self.blocks is not None:
            ends = [sql.Literal(f"({block},0)") for block in self.blocks]
            named.append(sql.SQL("w.ctid >= {}::tid AND w.ctid < {}::tid").format(*ends))
        return sql.SQL(" WHERE {}").format(sql.SQL(" AND ").join(named))


def sealed_pages(
    conn: Connection, kind: Kind, columns: Sequence[Column], only: Only | None = None, page_bytes: int = PAGE_BYTES
) -> Iterator[Page]:
    """Rows of a kind in the order of storage.

    Args:
        columns: fields of the dataset that are wanted besides the parts.
        only: None: all rows there are.

    Yields:
        Pages with PLACE, the kind's parts under their names, the fields under theirs; none is empty.
    """
    listed: list[sql.Composable] = [sql.SQL(text) for text in ("w.load_id", kind.key, kind.number)]
    listed += [sql.SQL(part.sql) for part in kind.parts]
    listed += [sql.SQL("w.{}").format(sql.Identifier(column.name)) for column in columns]
    query = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(listed), kind.source)
    if only is not None:
        query += only.condition()
    names = [*PLACE, *(part.name for part in kind.parts)]
    yield from text_pages(conn, query, [*names, *(column.name for column in columns)], page_bytes)


def text_pages(
    conn: Connection, query: sql.Composed, names: Sequence[str], page_bytes: int = PAGE_BYTES
) -> Iterator[Page]:
    """Result of a query, page by page."""
    statement = sql.SQL("COPY ({}) TO STDOUT").format(query)
    held: list[bytes | bytearray | memoryview] = []
    size = 0
    with conn.cursor().copy(statement) as copy:
        for block in copy:  # one row or several, never part of one
            held.append(block)
            size += len(block)
            if size >= page_bytes:
                yield _parse(b"".join(held), names)
                held, size = [], 0
    if held:
        yield _parse(b"".join(held), names)


def _parse(text: bytes, names: Sequence[str]) -> Page:
    frame = pl.read_csv(
        io.BytesIO(text),
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
    nulls = sum(column.null_count() for column in frame)
    return Page(frame, text.count(b"\\") != nulls, SEPARATOR.encode() in text)


def canonical_texts(page: Page, columns: Sequence[Column]) -> pl.Series:
    """Canonical text of each row's record over `columns`, in that order.

    Marks and separators of columns that have all values, or none, are joined to one literal: most of the work is to
    copy the values once.
    """
    pieces: list[pl.Expr] = []
    between = ""
    for column in columns:
        missing = page.frame[column.name].null_count()
        values = _canonical(page, column)
        if missing == page.frame.height:
            between += "N" + SEPARATOR
        elif missing == 0:
            pieces += [pl.lit(between + "V"), *values]
            between = SEPARATOR
        else:
            there = pl.concat_str([pl.lit("V"), *values, pl.lit(SEPARATOR)])
            mixed = pl.when(pl.col(column.name).is_null()).then(pl.lit("N" + SEPARATOR)).otherwise(there)
            pieces += [pl.lit(between), mixed]
            between = ""
    if not pieces:
        return pl.Series("canonical", [between] * page.frame.height, dtype=pl.String)
    return page.frame.select(pl.concat_str([*pieces, pl.lit(between)]).alias("canonical")).to_series()


def _canonical(page: Page, column: Column) -> list[pl.Expr]:
    """Expressions that together are a field in its canonical form (`exchange_hub.core.canonical`)."""
    value = pl.col(column.name)
    if column.type in (FieldType.STRING, FieldType.TEXT):
        if page.escaped:
            keep = {"\\\\": "\\\\", **_ESCAPES}  # an escaped backslash is passed over, not taken for a \t
            value = value.str.replace_many(list(keep), list(keep.values()))
        return [value.str.replace_all(SEPARATOR, "\\u001f", literal=True) if page.separated else value]
    if column.type is FieldType.DATETIME:
        # a fraction of a second was never loaded: it must not go unseen
        rest = pl.when(value.str.slice(19, 1) == ".").then(value.str.slice(19)).otherwise(pl.lit(""))
        digits = value.str.slice(0, 19)
        for sign in ("-", ":", " "):
            digits = digits.str.replace_all(sign, "", literal=True)
        return [digits, rest]
    if column.type is FieldType.DATE:
        return [value.str.replace_all("-", "", literal=True)]
    if column.type is FieldType.BOOLEAN:
        return [pl.when(value == "t").then(pl.lit("1")).when(value == "f").then(pl.lit("0"))]
    return [value]
