"""Findings frames: one row per broken rule of a record, in FINDING_COLUMNS, in a fixed order."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from contracts.model import MASKED_IN_FINDINGS, CodeList
from exchange_hub.core.records import DATA_KEY, FILE, FINDING_COLUMNS, ROW
from validators.checks import Check, text_column
from validators.personal import masked
from validators.plan import rule_fault
from validators.prepare import Prepared
from validators.words import fill, harmless, role_values, shown, static_words

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
        failures: checks with the row numbers that break them.
    """
    ranked = sorted(failures, key=lambda one: (one[0].rule.stage, one[0].position, one[0].rule.id))
    frames = [_of_check(prepared, base, check, rows, lists) for check, rows in ranked if rows.len()]
    if not frames:
        return pl.DataFrame(schema=SCHEMA)
    ranks = _ranks(prepared.received)[np.concatenate([rows.to_numpy() for _, rows in ranked if rows.len()])]
    # Rows are ranked once by file and number; a stable sort keeps the order of checks within a record.
    return pl.concat(frames)[np.argsort(ranks, kind="stable")]


def _ranks(received: pl.DataFrame) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Place of each row when ordered by file, then by its number there."""
    if received[FILE].n_unique() == 1 and received[ROW].is_sorted():
        return np.arange(received.height)
    order = received.select(pl.arg_sort_by(FILE, ROW, nulls_last=True, maintain_order=True)).to_series().to_numpy()
    ranks = np.empty(received.height, dtype=np.int64)
    ranks[order] = np.arange(received.height)
    return ranks


def _of_check(
    prepared: Prepared, base: pl.DataFrame, check: Check, rows: pl.Series, lists: Mapping[str, CodeList]
) -> pl.DataFrame:
    rule, field, height = check.rule, check.field, rows.len()
    broken = pl.DataFrame([base.get_column(name)[rows] for name in _columns_needed(check, base)])
    file, row, key = (prepared.received.get_column(name)[rows] for name in (FILE, ROW, DATA_KEY))
    words = {**static_words(check, lists), "dataset": prepared.contract.dataset}
    columns = role_values(check, broken)
    expected = fill(rule.expected_zh, words, columns, height)
    if rule.hint_zh is not None and field.personal not in MASKED_IN_FINDINGS:
        expected = _hinted(check, broken[text_column(field.name)], expected, lists)
    same = {
        "dataset": prepared.contract.dataset,
        "field": words["field"],
        "rule_id": rule.id,
        "severity": check.severity.value,
        "dimension": rule.dimension.value,
    }
    found = {name: pl.Series([text], dtype=pl.String).new_from_index(0, height) for name, text in same.items()}
    found |= {
        "file": file.fill_null(""),
        "row": row,
        "data_key": harmless(key),
        "rule_version": pl.Series([rule.version], dtype=pl.Int64).new_from_index(0, height),
        "value": shown(broken[text_column(field.name)], field, check),
        "message_zh": fill(rule.message_zh, words, columns, height),
        "message_en": fill(rule.message_en, words, columns, height),
        "expected_zh": expected,
    }
    return pl.DataFrame([found[name].alias(name) for name in SCHEMA])


def _columns_needed(check: Check, base: pl.DataFrame) -> list[str]:
    """Text columns of the fields that a check reads, and its facts."""
    names = {text_column(name) for name in (*check.reads, check.field.name)}
    return [name for name in base.columns if name in names or name.startswith("fact:")]


def _hinted(check: Check, values: pl.Series, expected: pl.Series, lists: Mapping[str, CodeList]) -> pl.Series:
    hint = check.rule.hint_zh
    if hint is None:
        return expected
    try:
        hints = [None if value is None else hint(value, check.field, lists) for value in values]
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise rule_fault(check.rule, error) from error
    return masked(pl.Series(hints, dtype=pl.String).fill_null(expected))
