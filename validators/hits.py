"""Which rows break which check, as arrays of row numbers; and what of it is not said.

A fault in a field hides the later rules that read the field, and deletions are looked at by key rules only. Both are
settled here, on the rows that break something, not in the expressions that look at every row.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl

from exchange_hub.core.records import Severity
from validators.checks import Check
from validators.plan import Plan

RowNumbers = np.ndarray[Any, np.dtype[np.int64]]
Hits = dict[int, RowNumbers]  # number of the check -> rows that break it, increasing; no entry where there are none


def rows_of(mask: pl.Series) -> RowNumbers:
    """Numbers of the rows that are true."""
    return mask.arg_true().to_numpy().astype(np.int64)


def settled(hits: Hits, plan: Plan, deleted: pl.Series) -> Hits:
    """The hits that become findings."""
    gone = deleted.to_numpy() if hits and deleted.any() else None
    left: Hits = {}
    for check in plan.in_order:
        rows = hits.get(check.number)
        if rows is None:
            continue
        if gone is not None and not check.rule.key_rule:
            rows = rows[~gone[rows]]
        hiding = [left[number] for number in plan.hidden_by.get(check.number, ()) if number in left]
        if hiding:
            hidden = row_mask(hiding, deleted.len())
            rows = rows[~hidden[rows]]
        if rows.size:
            left[check.number] = rows
    return left


def row_mask(rows: Iterable[RowNumbers], height: int) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """True at each of the rows."""
    mask = np.zeros(height, dtype=np.bool_)
    for numbers in rows:
        mask[numbers] = True
    return mask


def with_severity(hits: Hits, checks: tuple[Check, ...], severities: frozenset[Severity], height: int) -> pl.Series:
    """Row mask: does the record break a check of one of these severities?"""
    return pl.Series(row_mask((rows for n, rows in hits.items() if checks[n].severity in severities), height))
