"""Findings frames: one row per broken rule of a record, in FINDING_COLUMNS, in a fixed order."""

from collections.abc import Mapping, Sequence

import polars as pl

from contracts.model import MASKED_CLASSES, CodeList
from exchange_hub.core.records import DATA_KEY, FILE, FINDING_COLUMNS, ROW
from validators.personal import masked
from validators.plan import Check, rule_fault, text_column
from validators.prepare import Prepared
from validators.words import fill, harmless, role_values, shown, static_words

_ORDER = (FILE, ROW, "_stage", "_position", "rule_id")
SCHEMA: dict[str, pl.DataType] = {
    name: pl.Int64() if dtype == "Int64" else pl.String() for name, dtype in FINDING_COLUMNS
}


def findings_of(
    prepared: Prepared,
    base: pl.DataFrame,
    failures: Sequence[tuple[Check, pl.Series]],
    lists: Mapping[str, CodeList],
) -> pl.DataFrame:
    """Findings of one dataset, ordered by file, row, stage, field order, rule id.

    Args:
        base: engine rows with facts.
        failures: checks with the row numbers (UInt32) that break them.
    """
    frames = [_of_check(prepared, base, check, rows, lists) for check, rows in failures if rows.len()]
    if not frames:
        return pl.DataFrame(schema=SCHEMA)
    ordered = pl.concat(frames).sort(_ORDER, nulls_last=True, maintain_order=True)
    return ordered.select(pl.col(FILE).fill_null("").alias("file") if n == "file" else pl.col(n) for n in SCHEMA)


def _of_check(
    prepared: Prepared, base: pl.DataFrame, check: Check, rows: pl.Series, lists: Mapping[str, CodeList]
) -> pl.DataFrame:
    rule, field = check.rule, check.field
    broken = base[rows]
    place = prepared.received.select(FILE, ROW, pl.col(DATA_KEY))[rows]
    words = {**static_words(check, lists), "dataset": prepared.contract.dataset}
    columns = role_values(check, broken)
    height = rows.len()
    expected = fill(rule.expected_zh, words, columns, height)
    if rule.hint_zh is not None and field.personal not in MASKED_CLASSES:
        expected = _hinted(check, broken[text_column(field.name)], expected, lists)
    return place.with_columns(
        pl.lit(prepared.contract.dataset).alias("dataset"),
        pl.col(ROW).alias("row"),
        harmless(place.get_column(DATA_KEY)).alias("data_key"),
        pl.lit(words["field"]).alias("field"),
        pl.lit(rule.id).alias("rule_id"),
        pl.lit(rule.version, dtype=pl.Int64).alias("rule_version"),
        pl.lit(check.severity.value).alias("severity"),
        pl.lit(rule.dimension.value).alias("dimension"),
        shown(broken[text_column(field.name)], field, check).alias("value"),
        fill(rule.message_zh, words, columns, height).alias("message_zh"),
        fill(rule.message_en, words, columns, height).alias("message_en"),
        expected.alias("expected_zh"),
        pl.lit(int(rule.stage)).alias("_stage"),
        pl.lit(check.position).alias("_position"),
    )


def _hinted(check: Check, values: pl.Series, expected: pl.Series, lists: Mapping[str, CodeList]) -> pl.Series:
    hint = check.rule.hint_zh
    if hint is None:
        return expected
    try:
        hints = [None if value is None else hint(value, check.field, lists) for value in values]
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise rule_fault(check.rule, error) from error
    return masked(pl.Series(hints, dtype=pl.String).fill_null(expected))
