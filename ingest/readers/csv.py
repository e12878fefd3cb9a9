"""CSV with a header row (RFC 4180, as Excel writes it): strict about encoding, quoting and row length."""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Protocol

import polars as pl

from exchange_hub.core.errors import Refusal
from exchange_hub.core.records import DATA_KEY, DATA_TYPE
from ingest.names import printable
from ingest.readers.spec import CHUNK, FileSpec, at_line, check_column, check_width, header_invalid
from ingest.readers.text import MAX_LINE, lines, open_text

FEW = 10_000  # cells; up to so many, a query costs more than it saves


class _Reader(Protocol):
    """What csv.reader returns."""

    line_num: int

    def __next__(self) -> list[str]: ...


def read(path: Path, spec: FileSpec) -> Iterator[pl.DataFrame]:
    """Frames of text, one row a record, the header's columns in their order; an empty cell is null.

    Raises:
        Refusal: BROKEN_CSV, HEADER_INVALID or WRONG_ENCODING, with the line.
    """
    csv.field_size_limit(MAX_LINE)
    with open_text(path, spec, spec.encoding or "utf-8", newline="") as text:
        reader = csv.reader(lines(text, spec), strict=True)
        rows = _rows(reader, spec)
        header = _header(next(rows, None), spec)
        checked = _checked(rows, header, spec)
        first = True
        while (chunk := list(islice(checked, CHUNK))) or first:
            yield _frame(header, chunk)
            first = False


def _rows(reader: "_Reader", spec: FileSpec) -> Iterator[tuple[int, list[str]]]:
    """Line on which each row begins, and its cells; blank lines are no rows."""
    begins = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refusal(
                "BROKEN_CSV",
                f"第 {begins} 行开始的记录引号有误或不完整（{error}）",
                f"the record that begins on line {begins} has wrong quoting or is incomplete ({error})",
                at_line(spec, begins),
            ) from error
        if len(row) > 1 or (row and row[0].strip()):
            yield begins, row
        begins = reader.line_num + 1


def _header(found: tuple[int, list[str]] | None, spec: FileSpec) -> list[str]:
    line, names = found or (1, [])
    where = at_line(spec, line)
    check_width(len(names), where)
    for name in names:
        check_column(name, where)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        shown = printable("、".join(twice))
        raise header_invalid(where, f"{shown} 重复", f"{shown} occurs twice")
    missing = [name for name in (DATA_KEY, DATA_TYPE) if name not in names]
    if missing:
        raise header_invalid(
            where,
            f"首行缺少 {'、'.join(missing)}；首行应为英文字段名，以英文逗号分隔",
            f"the first line lacks {', '.join(missing)}; it must hold the field names, separated by commas",
        )
    return names


def _checked(rows: Iterator[tuple[int, list[str]]], header: list[str], spec: FileSpec) -> Iterator[list[str]]:
    width = len(header)
    for line, row in rows:
        if len(row) != width:
            raise Refusal(
                "BROKEN_CSV",
                f"第 {line} 行有 {len(row)} 列，首行有 {width} 列",
                f"line {line} has {len(row)} cells, the header {width}",
                at_line(spec, line),
            )
        yield row


def _frame(header: list[str], rows: list[list[str]]) -> pl.DataFrame:
    if len(rows) * len(header) <= FEW:
        schema = dict.fromkeys(header, pl.String())
        return pl.DataFrame([[cell or None for cell in row] for row in rows], schema, orient="row")
    columns = zip(*rows, strict=True) if rows else ([] for _ in header)
    frame = pl.DataFrame(
        [pl.Series(name, column, dtype=pl.String) for name, column in zip(header, columns, strict=True)]
    )
    return frame.with_columns(pl.when(pl.col(header) != "").then(pl.col(header)).name.keep())
