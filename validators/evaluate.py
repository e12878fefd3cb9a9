"""The fused plan of a dataset: kept between batches, evaluated over rows."""

from collections.abc import Sequence

import polars as pl

from contracts.model import DatasetContract, Release
from exchange_hub.core.calendar import Calendar
from exchange_hub.core.records import ATTACHMENTS
from validators.facts import fact_names
from validators.hits import Hits, rows_of
from validators.plan import ENVELOPE_FIELDS, Check, Plan, Surroundings, checks_of, holds, plan_for, rule_fault
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
    found: dict[int, list[pl.Series]] = {}
    for offset in range(0, rows.height, CHUNK_ROWS):
        chunk = rows.slice(offset, CHUNK_ROWS)
        for check, mask in zip(checks, _masks(chunk, plan, checks), strict=True):
            if mask.any():
                found.setdefault(check.number, []).append(mask.arg_true() + offset)
    return {number: pl.concat(parts).to_numpy().astype("int64") for number, parts in found.items()}


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
