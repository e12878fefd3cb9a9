"""Parquet: columns of any primitive type, cast to text in the spec's own form."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from exchange_hub.core.errors import Refusal
from exchange_hub.core.records import DATA_KEY, DATA_TYPE
from ingest.names import printable
from ingest.readers.spec import CHUNK, FileSpec, check_column, check_width, header_invalid

# Days since 1970 that a date can be, one day inside of the years 1 and 9999: Beijing time is eight hours ahead.
_FIRST_DAY = (date(1, 1, 2) - date(1970, 1, 1)).days
_LAST_DAY = (date(9999, 12, 30) - date(1970, 1, 1)).days
_UNREADABLE = (
    pa.ArrowException, pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, OverflowError
)  # fmt: skip
_PER_DAY = {"day": 1, "s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


def read(path: Path, spec: FileSpec) -> Iterator[pl.DataFrame]:
    """Frames of text, one row a record, columns in the file's order; the empty text is null.

    Times with a zone become Beijing time, naive ones stay; fractions of a second are dropped.

    Raises:
        Refusal: BROKEN_PARQUET or HEADER_INVALID, with the column.
    """
    try:
        with pq.ParquetFile(path) as source:
            _check_schema(source.schema_arrow, spec)
            yield _frame(source.schema_arrow.empty_table(), spec)
            for batch in source.iter_batches(batch_size=CHUNK):
                batch.validate(full=True)
                yield _frame(pa.Table.from_batches([batch]), spec)
    except _UNREADABLE as error:
        reason = printable(str(error).split("\n", 1)[0])
        raise Refusal(
            "BROKEN_PARQUET",
            f"Parquet 文件无法读取（{reason}）",
            f"the Parquet file cannot be read ({reason})",
            spec.name,
        ) from error


def _check_schema(schema: pa.Schema, spec: FileSpec) -> None:
    names = [str(name) for name in schema.names]
    check_width(len(names), spec.name)
    for field in schema:
        check_column(field.name, spec.name)
        if _to_text(field.type) is None:
            raise header_invalid(
                f"{spec.name}#{printable(field.name)}",
                f"列 {printable(field.name)} 的类型 {field.type} 不支持",
                f"column {printable(field.name)} has the unsupported type {field.type}",
            )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise header_invalid(spec.name, f"{printable(twice[0])} 重复", f"{printable(twice[0])} occurs twice")
    missing = [name for name in (DATA_KEY, DATA_TYPE) if name not in names]
    if missing:
        raise header_invalid(spec.name, f"缺少列 {'、'.join(missing)}", f"columns missing: {', '.join(missing)}")


def _frame(table: pa.Table, spec: FileSpec) -> pl.DataFrame:
    columns = []
    for name in table.column_names:
        column = table.column(name)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        cast = _to_text(column.type)
        if cast is not None:
            columns.append(cast(column).alias(name))
    frame = pl.DataFrame(columns)
    return frame.with_columns(pl.when(pl.all() != "").then(pl.all()).name.keep())


def _to_text(kind: pa.DataType) -> Callable[[pa.ChunkedArray], pl.Series] | None:
    """How a column of that type becomes text; None where it cannot."""
    types = pa.types
    if types.is_dictionary(kind):
        kind = kind.value_type
    for test, cast in (
        (_is_text, _plain),
        (types.is_null, _plain),
        (types.is_integer, _plain),
        (types.is_boolean, _boolean),
        (types.is_floating, _floating),
        (types.is_decimal, _decimal),
        (types.is_timestamp, _timestamp),
        (types.is_date, _date),
    ):
        if test(kind):
            return cast
    return None


def _is_text(kind: pa.DataType) -> bool:
    types = pa.types
    return any(
        test(kind)
        for test in (
            types.is_string, types.is_large_string, types.is_string_view,
            types.is_binary, types.is_large_binary, types.is_binary_view,
        )
    )  # fmt: skip


def _plain(column: pa.ChunkedArray) -> pl.Series:
    return _series(column.cast(pa.large_string()))


def _boolean(column: pa.ChunkedArray) -> pl.Series:
    names = {True: "1", False: "0", None: None}
    return pl.Series([names[value] for value in column.to_pylist()], dtype=pl.String)


def _floating(column: pa.ChunkedArray) -> pl.Series:
    """Shortest text that gives the same number, without exponent, whole numbers without a point."""
    texts = column.cast(pa.large_string()).to_pylist()
    return pl.Series([None if text is None else _number(text) for text in texts], dtype=pl.String)


def _decimal(column: pa.ChunkedArray) -> pl.Series:
    values = column.to_pylist()
    return pl.Series([None if value is None else _number(str(value)) for value in values], dtype=pl.String)


def _number(text: str) -> str:
    value = Decimal(text)
    if not value.is_finite():
        return text
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _timestamp(column: pa.ChunkedArray) -> pl.Series:
    return _moments(column, _PER_DAY[column.type.unit], column.type.unit, _timestamp_text)


def _timestamp_text(column: pa.ChunkedArray) -> pl.Series:
    values = _series(column)
    if isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone is not None:
        values = values.dt.convert_time_zone("Asia/Shanghai")
    return values.dt.strftime("%Y%m%d%H%M%S")


def _date(column: pa.ChunkedArray) -> pl.Series:
    unit = "day" if pa.types.is_date32(column.type) else "ms"
    return _moments(column, _PER_DAY[unit], unit, _date_text)


def _date_text(column: pa.ChunkedArray) -> pl.Series:
    return _series(column).cast(pl.Date).dt.strftime("%Y%m%d")


def _moments(
    column: pa.ChunkedArray, per_day: int, unit: str, to_text: Callable[[pa.ChunkedArray], pl.Series]
) -> pl.Series:
    """Texts of moments; beyond the years 1 to 9999 polars would wrap or panic: there the number is the text."""
    counts = column.cast(pa.int32()) if unit == "day" else column
    numbers = _series(counts.cast(pa.int64()))
    first, last = max(_FIRST_DAY * per_day, -(2**63)), min((_LAST_DAY + 1) * per_day, 2**63) - 1
    sound = numbers.is_between(first, last)
    if sound.all():  # nulls do not count
        return to_text(column)
    texts = to_text(pc.if_else(pa.array(sound.to_list(), pa.bool_()), column.combine_chunks(), None))
    told = [text if good is not False else f"{n} {unit}" for text, n, good in zip(texts, numbers, sound, strict=True)]
    return pl.Series(told, dtype=pl.String)


def _series(column: pa.ChunkedArray) -> pl.Series:
    made = pl.from_arrow(column)
    if not isinstance(made, pl.Series):
        raise TypeError(f"expected a column, not {type(made)}")
    return made
