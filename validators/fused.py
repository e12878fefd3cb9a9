"""A pandera schema that looks at each row once: all checks are evaluated in one polars query.

pandera runs one query a check and one more for its failures. `RowSchema` is a `pandera.polars.DataFrameSchema` whose
checks are taken for what most of them are, one polars expression, and asked together; the same `SchemaErrors` come
out. A check that is more than one expression runs as pandera runs it. What is not about rows (missing columns, types,
coercion, `lazy=False` with a failure) is left to pandera altogether.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.api.base.error_handler import ErrorHandler
from pandera.backends.polars.container import DataFrameSchemaBackend
from pandera.backends.polars.register import register_polars_backends
from pandera.constants import CHECK_OUTPUT_KEY
from pandera.errors import FailureCaseMetadata, SchemaError, SchemaErrorReason, SchemaErrors

CHUNK_ROWS = 50_000  # bounds the memory of the boolean columns; quicker than more, which leave the cache
_LAYOUT: Any = dict.fromkeys(("failure_case", "schema_context", "column", "check"), pl.String)
_LAYOUT |= dict.fromkeys(("check_number", "index"), pl.Int32)
_Failed = tuple[pl.Series, pl.Series]  # numbers of rows, values
Layers = tuple[Any, ...]  # arguments of `with_columns`, in order


class RowSchema(pa.DataFrameSchema):
    """A DataFrameSchema whose row checks are evaluated together. Validate a DataFrame, with `lazy=True`."""

    def plain(self) -> pa.DataFrameSchema:
        """The same schema for pandera's own evaluation."""
        strict: Any = self.strict
        return pa.DataFrameSchema(self.columns, checks=self.checks, name=self.name, strict=strict)


@dataclass(frozen=True, slots=True)
class _Test:
    """One thing asked of every row; `fails` is true where it does not hold."""

    column: str | None
    number: int | None
    name: str
    check: Any
    reason: SchemaErrorReason
    layers: Layers
    fails: pl.Expr | None  # None: to be run by pandera


class _StandIn:
    """Stands for a frame while a check function is asked for its expression."""

    def __init__(self, layers: Layers = ()) -> None:
        self.layers = layers
        self.selected: list[pl.Expr] = []

    def with_columns(self, *expressions: Any) -> "_StandIn":
        """Columns that the check makes for itself first; the same list of them is made once for all checks."""
        return _StandIn((*self.layers, *expressions))

    def select(self, *expressions: Any) -> "_StandIn":
        """What the check says of each row."""
        for one in expressions:
            self.selected.extend([one] if isinstance(one, pl.Expr) else one)
        return self


class FusedBackend(DataFrameSchemaBackend):
    """Evaluates a RowSchema."""

    def validate(self, check_obj: Any, schema: pa.DataFrameSchema, *, lazy: bool = False, **options: Any) -> Any:
        """As pandera's; returns the frame or raises SchemaErrors with one row per failing check and row."""
        if any(options.get(name) for name in ("head", "tail", "sample")) or not _only_rows(check_obj, schema):
            return super().validate(check_obj, schema, lazy=lazy, **options)
        failures = _failures(check_obj, _tests(schema))
        if not failures:
            return check_obj
        if not lazy:
            return super().validate(check_obj, schema, lazy=False, **options)
        raise SchemaErrors(schema, [_error(schema, check_obj, *failure) for failure in failures], check_obj)

    def failure_cases_metadata(self, schema_name: str, schema_errors: list[SchemaError]) -> FailureCaseMetadata:
        """pandera's table of failures, made of whole columns."""
        if not all(isinstance(error, _RowError) for error in schema_errors):
            return super().failure_cases_metadata(schema_name, schema_errors)
        counts: dict[str, int] = defaultdict(int)
        for error in schema_errors:
            counts[error.reason_code.name] += 1
        handler: Any = ErrorHandler()
        handler.collect_errors(schema_errors)
        message = {kind: dict(found) for kind, found in handler.summarize(schema_name=schema_name).items()}
        cases = pl.concat([pl.DataFrame(schema=_LAYOUT), *(error.failure_cases for error in schema_errors)])
        return FailureCaseMetadata(failure_cases=cases, message=message, error_counts=counts)


class _RowError(SchemaError):
    """One check that some rows fail; `failure_cases` has the layout of `SchemaErrors.failure_cases`."""


RowSchema.register_backend(pl.DataFrame, FusedBackend)


def _only_rows(frame: Any, schema: pa.DataFrameSchema) -> bool:
    """Is the frame right but for its rows, and does the schema ask nothing else?"""
    asks_more = schema.coerce or schema.strict or schema.ordered or schema.unique or schema.add_missing_columns
    if not isinstance(frame, pl.DataFrame) or asks_more or schema.dtype or getattr(schema, "drop_invalid_rows", False):
        return False
    types = frame.schema
    return all(
        not column.regex and not column.coerce and types.get(name) == (column.dtype and column.dtype.type)
        for name, column in schema.columns.items()
    )


def _tests(schema: pa.DataFrameSchema) -> list[_Test]:
    register_polars_backends()
    tests: list[_Test] = []
    for name, column in schema.columns.items():
        if not column.nullable:
            tests.append(
                _built_in(name, "not_nullable", pl.col(name).is_null(), SchemaErrorReason.SERIES_CONTAINS_NULLS)
            )
        if column.unique:
            again = pl.col(name).is_duplicated()
            tests.append(_built_in(name, "field_uniqueness", again, SchemaErrorReason.SERIES_CONTAINS_DUPLICATES))
        tests += [_test(check, number, name) for number, check in enumerate(column.checks)]
    return tests + [_test(check, number, None) for number, check in enumerate(schema.checks)]


def _built_in(column: str, name: str, fails: pl.Expr, reason: SchemaErrorReason) -> _Test:
    return _Test(column, None, name, name, reason, (), fails)


def _test(check: Any, number: int, column: str | None) -> _Test:
    name = check.error or check.name or str(check)
    layers, fails = _taken(check, column)
    return _Test(column, number, name, check, SchemaErrorReason.DATAFRAME_CHECK, layers, fails)


def _taken(check: Any, column: str | None) -> tuple[Layers, pl.Expr | None]:
    """The check's own expression, where it is one: its function is called with a stand-in for the frame."""
    if check.element_wise or check.raise_warning or check.n_failure_cases is not None or check.groupby:
        return (), None
    stand_in: Any = _StandIn()
    try:
        answer = check._check_fn(pa.PolarsData(stand_in, column or "*"), **check._check_kwargs)
    except (AttributeError, TypeError):  # it does more with a frame than a stand-in can
        return (), None
    if not isinstance(answer, _StandIn) or len(answer.selected) != 1 or answer.selected[0].meta.has_multiple_outputs():
        return (), None
    holds = answer.selected[0]
    return answer.layers, ~holds if check.ignore_na else ~holds.fill_null(False)


def _failures(frame: pl.DataFrame, tests: list[_Test]) -> list[tuple[_Test, pl.Series, pl.Series]]:
    """Each test that some rows fail, with their numbers and what stands there."""
    found: dict[int, list[_Failed]] = {}
    for layers, numbers in _by_layers(tests).items():
        whole = [number for number in numbers if tests[number].name == "field_uniqueness"]
        parts = [number for number in numbers if number not in whole]
        _collect(frame, tests, layers, whole, frame.height or 1, found)
        _collect(frame, tests, layers, parts, CHUNK_ROWS, found)
    for number, test in enumerate(tests):
        if test.fails is None:
            by_pandera = _rows_by_pandera(frame, test)
            if by_pandera.len():
                found[number] = [(by_pandera, _values(frame, test, by_pandera))]
    return [(tests[number], *map(pl.concat, zip(*parts, strict=True))) for number, parts in sorted(found.items())]


def _by_layers(tests: list[_Test]) -> Mapping[Layers, list[int]]:
    groups: dict[tuple[int, ...], tuple[Layers, list[int]]] = {}
    for number, test in enumerate(tests):
        if test.fails is not None:
            groups.setdefault(tuple(map(id, test.layers)), (test.layers, []))[1].append(number)
    return {_Same(layers): numbers for layers, numbers in groups.values()}


class _Same(tuple[Any, ...]):
    """Layers, known by identity: expressions cannot be compared."""

    __slots__ = ()
    __hash__ = object.__hash__
    __eq__ = object.__eq__


def _collect(
    frame: pl.DataFrame,
    tests: list[_Test],
    layers: Layers,
    numbers: list[int],
    size: int,
    found: dict[int, list[_Failed]],
) -> None:
    if not numbers:
        return
    fails = ((number, tests[number].fails) for number in numbers)
    asked = [expression.alias(f"{number}") for number, expression in fails if expression is not None]
    for offset in range(0, frame.height, size):
        chunk = frame.slice(offset, size)
        rows = pl.int_range(offset, offset + chunk.height, dtype=pl.Int32, eager=True)
        lazy = chunk.lazy()
        for layer in layers:
            lazy = lazy.with_columns(layer)
        for number, mask in zip(numbers, lazy.select(asked).collect().get_columns(), strict=True):
            if mask.any():
                # The values are taken while the chunk is at hand: gathering them afterwards costs three times as much.
                found.setdefault(number, []).append((rows.filter(mask), _values(chunk, tests[number], mask)))


def _rows_by_pandera(frame: pl.DataFrame, test: _Test) -> pl.Series:
    """Rows that a check fails which is more than one expression."""
    result = test.check(frame.lazy(), test.column or "*")
    output = result.check_output.collect()
    if output.height != frame.height:  # it speaks of the frame as a whole
        return pl.Series([], dtype=pl.UInt32) if output[CHECK_OUTPUT_KEY].all() else pl.Series([0], dtype=pl.UInt32)
    failed: pl.Series = ~output[CHECK_OUTPUT_KEY]
    return failed.arg_true()


def _values(frame: pl.DataFrame, test: _Test, rows: pl.Series) -> pl.Series:
    """What stands in the rows (their numbers, or a mask): the column's values; of the whole frame the rows as JSON."""
    if test.column is None:
        those = frame.filter(rows) if rows.dtype == pl.Boolean else frame[rows]
        return those.select(pl.struct(pl.all()).struct.json_encode()).to_series()  # as pandera has it
    column = frame.get_column(test.column)
    values = column.filter(rows) if rows.dtype == pl.Boolean else column.gather(rows)
    return values if values.dtype == pl.String else values.cast(pl.String)


def _error(
    schema: pa.DataFrameSchema, frame: pl.DataFrame, test: _Test, rows: pl.Series, values: pl.Series
) -> SchemaError:
    column = schema if test.column is None else schema.columns[test.column]
    same = {"schema_context": type(column).__name__, "column": column.name, "check": test.name}
    same["check_number"] = test.number
    columns = {n: pl.Series([v], dtype=_LAYOUT[n]).new_from_index(0, rows.len()) for n, v in same.items()}
    columns |= {"failure_case": values, "index": rows.cast(pl.Int32)}
    error: SchemaError = _RowError(  # type: ignore[no-untyped-call]
        column,
        frame,
        f"{test.name}: {rows.len()} rows",
        failure_cases=pl.DataFrame([columns[name].alias(name) for name in _LAYOUT]),
        check=test.check,
        check_index=test.number,
        reason_code=test.reason,
        column_name=test.column,
    )
    return error
