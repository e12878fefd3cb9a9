"""The fused plan of a dataset: kept between batches, evaluated over rows."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from contracts.model import DatasetContract, Release
from exchange_hub.core.calendar import Calendar
from exchange_hub.core.records import ATTACHMENTS
from validators.checks import ENVELOPE_FIELDS, Check, checks_of
from validators.facts import fact_names
from validators.hits import Hits, RowNumbers, rows_of
from validators.plan import Plan, Surroundings, holds, plan_for, rule_fault
from validators.rule import Context

CHUNK_ROWS = 200_000  # bounds the memory of the boolean columns
_Key = tuple[str, tuple[str, ...], Calendar]
_KEPT = 1024
_plans: dict[int, tuple[Release, dict[_Key, Plan]]] = {}  # by id of the release, which is kept alive beside


def plan_of(contract: DatasetContract, unknown: tuple[str, ...], release: Release, context: Context) -> Plan:
    """The plan of a dataset and its unknown columns; making one costs 10 ms, so it is kept, but for a rule on trial."""
    if context.candidate is not None:
        return _plan(contract, unknown, release, context)
    if len(_plans) > 8:
        _plans.clear()
    _, kept = _plans.setdefault(id(release), (release, {}))
    key = (contract.dataset, unknown, context.calendar)
    if key not in kept:
        if len(kept) >= _KEPT:
            kept.clear()
        kept[key] = _plan(contract, unknown, release, context)
    return kept[key]


def _plan(contract: DatasetContract, unknown: tuple[str, ...], release: Release, context: Context) -> Plan:
    checks = checks_of(contract, release, unknown, context.candidate)
    return plan_for(contract, checks, surroundings(contract, unknown, release, context.calendar))


def surroundings(
    contract: DatasetContract,
    unknown: tuple[str, ...],
    release: Release,
    calendar: Calendar,
    members: frozenset[str] | None = None,
) -> Surroundings:
    """What the rules of a dataset see besides their own fields."""
    names = frozenset(field.name for field in ENVELOPE_FIELDS) | {*contract.field_names, *unknown}
    return Surroundings(names, fact_names(contract), release.code_lists, members, calendar, contract.occurred_at)


def evaluate(rows: pl.DataFrame, plan: Plan, numbers: Sequence[int] | None = None) -> Hits:
    """Which rows break which check: the whole contract in one query, chunk by chunk.

    Args:
        numbers: of the checks to ask; all by default.

    Raises:
        ConfigurationError: a rule fails by itself; names the rule.
    """
    checks = plan.checks if numbers is None else [plan.checks[number] for number in numbers]
    screened = {number for alike in plan.screened.values() for number in alike} if numbers is None else set()
    at_once = [check for check in checks if check.number not in screened]
    found: dict[int, list[RowNumbers]] = {}
    for offset in range(0, rows.height, CHUNK_ROWS):
        chunk = rows.slice(offset, CHUNK_ROWS)
        suspects = _suspects(chunk, plan) if screened else {}
        for check, mask in zip(at_once, _masks(chunk, plan, at_once), strict=True):
            if mask.any():
                found.setdefault(check.number, []).append(rows_of(mask) + offset)
        for name, places in suspects.items():
            asked = [plan.checks[number] for number in plan.screened[name]]
            for check, mask in zip(asked, _masks(_those(chunk, plan, asked, places), plan, asked), strict=True):
                if mask.any():
                    found.setdefault(check.number, []).append(places[rows_of(mask)] + offset)
    return {number: np.concatenate(parts) for number, parts in found.items()}


def _suspects(rows: pl.DataFrame, plan: Plan) -> dict[str, RowNumbers]:
    """By field, the rows whose value has a screen of the field's checks."""
    masks = rows.lazy().select(plan.screens).collect().get_columns()
    return {name: rows_of(mask) for name, mask in zip(plan.screened, masks, strict=True) if mask.any()}


def _those(rows: pl.DataFrame, plan: Plan, checks: Sequence[Check], places: RowNumbers) -> pl.DataFrame:
    """The rows at these places, only what the checks read."""
    names = {name for check in checks for name in plan.breaks[check.number].meta.root_names()}
    return rows.select(sorted(names))[places]


def attachment_hits(rows: pl.DataFrame, plan: Plan, around: Surroundings) -> Hits:
    """The checks that look for files of the package; their expressions hold its members, so they are not kept."""
    hits: Hits = {}
    for check in plan.checks:
        if ATTACHMENTS in check.reads:
            mask = rows.select((~holds(check, around)).alias(check.name)).to_series()
            if mask.any():
                hits[check.number] = rows_of(mask)
    return hits


def _masks(rows: pl.DataFrame, plan: Plan, checks: Sequence[Check]) -> list[pl.Series]:
    expressions = [plan.breaks[check.number] for check in checks]
    try:
        return rows.lazy().select(expressions).collect().get_columns() if checks else []
    except pl.exceptions.PolarsError:
        for check, expression in zip(checks, expressions, strict=True):
            try:
                rows.select(expression)
            except pl.exceptions.PolarsError as error:
                raise rule_fault(check.rule, error) from error
        raise
