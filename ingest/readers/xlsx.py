"""XLSX workbooks as our templates make them: one sheet a dataset, row 1 field names, rows 2 and 3 for people.

The sheet named by the dataset is read from row 4 on; sheets whose name begins with "_" or "说明" are for people. Cells
are read as what stands in them: text as it is, numbers without an exponent, dates and times in the spec's own form.
Formulas are never evaluated: their stored result is taken.
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, LargeZipFile, ZipFile

import polars as pl

from exchange_hub.core.errors import Refusal
from exchange_hub.core.records import DATA_KEY, DATA_TYPE
from ingest.names import printable
from ingest.readers.spec import CHUNK, FileSpec, check_column, check_width, header_invalid

FIRST_ROW = 4  # of the records; 2 and 3 hold Chinese names and hints
LAST_ROW = 1_048_576  # that Excel has; openpyxl fills the gap before a row that claims to lie far below
MAX_UNPACKED_BYTES = 4 * 1024**3
MAX_MEMBERS = 500
_BLOCK = 1 << 20
# What openpyxl raises on a workbook that is broken or made to break it.
_PARSER_ERRORS = (
    ArithmeticError, AttributeError, BadZipFile, EOFError, IndexError, KeyError, LargeZipFile, NotImplementedError,
    OSError, RecursionError, RuntimeError, SyntaxError, TypeError, ValueError, zlib.error,
)  # fmt: skip


def read(path: Path, spec: FileSpec) -> Iterator[pl.DataFrame]:
    """Frames of text, one row a record, the header's columns in their order; an empty cell is null.

    Rows without any value are no records.

    Raises:
        Refusal: BROKEN_XLSX or HEADER_INVALID, with sheet and row.
    """
    with open_book(path, spec) as book:
        yield from _frames(book, spec)


@contextmanager
def open_book(path: Path, spec: FileSpec) -> Iterator[Any]:
    """The workbook as openpyxl reads it, after what could do harm was refused.

    Raises:
        Refusal: BROKEN_XLSX, also for what goes wrong while it is read.
    """
    from openpyxl import load_workbook

    _must_be_harmless(path, spec)
    try:
        with (
            path.open("rb") as file,
            closing(load_workbook(file, read_only=True, data_only=True, keep_links=False)) as book,
        ):
            yield book
    except _PARSER_ERRORS as error:
        raise _broken(
            spec, f"工作簿无法读取（{type(error).__name__}）", f"unreadable ({type(error).__name__})"
        ) from error


def _frames(book: Any, spec: FileSpec) -> Iterator[pl.DataFrame]:
    sheet = book[_sheet_name(book.sheetnames, spec)]
    sheet.reset_dimensions()  # what the file says of its extent may be wrong
    rows = sheet.iter_rows(values_only=True)
    header = _header(next(rows, ()), spec)
    for _ in range(2, FIRST_ROW):
        next(rows, None)
    kept: list[list[str | None]] = []
    first = True
    for number, row in enumerate(rows, start=FIRST_ROW):
        if number > LAST_ROW:
            raise _broken(spec, f"行号超过 Excel 的最后一行 {LAST_ROW}", f"a row lies below Excel's last, {LAST_ROW}")
        cells = [_text(value, spec, number) for value in row]
        if any(cell is not None for cell in cells):
            kept.append(_fitted(cells, len(header), spec, number))
        if len(kept) == CHUNK:
            yield _frame(header, kept)
            kept, first = [], False
    if kept or first:
        yield _frame(header, kept)


def _sheet_name(names: list[str], spec: FileSpec) -> str:
    if spec.dataset in names:
        return spec.dataset
    data = [name for name in names if not name.startswith(("_", "说明"))]
    if len(data) == 1 and len(spec.dataset) > 31 and spec.dataset.startswith(data[0]):
        return data[0]  # Excel takes 31 characters
    raise _broken(
        spec,
        f"没有名为 {spec.dataset} 的工作表；现有：{printable('、'.join(names))}",
        f"no sheet named {spec.dataset}; there are: {printable(', '.join(names))}",
    )


def _header(row: tuple[Any, ...], spec: FileSpec) -> list[str]:
    names = ["" if value is None else str(value).strip() for value in row]
    while names and not names[-1]:
        names.pop()
    where = f"{spec.name}#{spec.dataset}!1"
    check_width(len(names), where)
    for name in names:
        check_column(name, where)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise header_invalid(where, f"{printable(twice[0])} 重复", f"{printable(twice[0])} occurs twice")
    missing = [name for name in (DATA_KEY, DATA_TYPE) if name not in names]
    if missing:
        raise header_invalid(
            where, f"第 1 行缺少 {'、'.join(missing)}，应为英文字段名", f"row 1 lacks {', '.join(missing)}"
        )
    return names


def _fitted(cells: list[str | None], width: int, spec: FileSpec, number: int) -> list[str | None]:
    if any(cell is not None for cell in cells[width:]):
        raise header_invalid(
            f"{spec.name}#{spec.dataset}!{number}",
            f"第 {number} 行在没有字段名的列中有值",
            f"row {number} has a value in a column without a field name",
        )
    return (cells + [None] * width)[:width]


def _text(value: Any, spec: FileSpec, number: int) -> str | None:
    """A cell as text in the spec's own form."""
    if value is None or isinstance(value, str):
        return value or None
    for kinds, form in _FORMS:
        if isinstance(value, kinds):
            return form(value)
    where_zh, where_en = f"第 {number} 行有无法读取的单元格", f"row {number} holds a cell that cannot be read"
    raise _broken(spec, where_zh, where_en)


def _number(value: float) -> str:
    if value.is_integer():
        return str(int(value))
    plain = format(Decimal(repr(value)), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


# A bool is an int and a datetime a date: the narrower kind comes first.
_FORMS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: "1" if value else "0"),
    (int, str),
    (float, _number),
    (datetime, lambda value: value.strftime("%Y%m%d%H%M%S")),
    (date, lambda value: value.strftime("%Y%m%d")),
    (time, lambda value: value.strftime("%H%M%S")),
)


def _frame(header: list[str], rows: list[list[str | None]]) -> pl.DataFrame:
    columns = zip(*rows, strict=True) if rows else ([] for _ in header)
    return pl.DataFrame(
        [pl.Series(name, column, dtype=pl.String) for name, column in zip(header, columns, strict=True)]
    )


def _must_be_harmless(path: Path, spec: FileSpec) -> None:
    """Bound what reading can cost, and refuse document types, before a parser sees the file."""
    try:
        with ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_MEMBERS or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
                raise _broken(spec, "工作簿解包后过大", "unpacks to too much")
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    _must_be_plain(archive, entry.filename, spec)
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, zlib.error) as error:
        raise _broken(spec, "不是有效的 xlsx 文件", "not a readable xlsx file") from error


def _must_be_plain(archive: ZipFile, name: str, spec: FileSpec) -> None:
    tail, seen = b"", 0
    with archive.open(name) as part:
        while block := part.read(_BLOCK):
            seen += len(block)
            if (
                seen > MAX_UNPACKED_BYTES
                or b"<!DOCTYPE" in tail + block
                or b"<!ENTITY" in tail + block
                or b"\0" in block
            ):
                raise _broken(spec, "含有不允许的 XML 声明", "holds a declaration that is not allowed")
            tail = block[-16:]


def _broken(spec: FileSpec, zh: str, en: str) -> Refusal:
    return Refusal("BROKEN_XLSX", f"Excel 文件有误：{zh}", f"broken workbook: {en}", spec.name)
