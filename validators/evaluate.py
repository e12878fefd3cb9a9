"""The fused plan of a dataset: kept between batches, evaluated over rows."""

from itertools import chain

import polars as pl

from contracts.model import Release
from exchange_hub.core.calendar import Calendar
from validators.plan import Layer, Surroundings, checks_of, layers_of, rule_fault
from validators.prepare import Prepared
from validators.rule import Context

Plan = tuple[Layer, ...]
_Key = tuple[str, tuple[str, ...], frozenset[str], frozenset[str] | None, Calendar]
_KEPT = 256
_plans: dict[int, tuple[Release, dict[_Key, Plan]]] = {}  # by id of the release, which is kept alive beside


def plan_of(
    prepared: Prepared, base: pl.DataFrame, release: Release, members: frozenset[str] | None, context: Context
) -> Plan:
    """The plan for rows like `base`; building one costs about 10 ms, so it is kept, but for a rule on trial.

    Args:
        members: paths inside the package where attachments are to be looked for, else None.
    """
    if context.candidate is not None:
        return _plan(prepared, base, release, members, context)
    if len(_plans) > 8:
        _plans.clear()
    _, kept = _plans.setdefault(id(release), (release, {}))
    key = (prepared.contract.dataset, prepared.unknown, _facts(base), members, context.calendar)
    if key not in kept:
        if len(kept) >= _KEPT:
            kept.clear()
        kept[key] = _plan(prepared, base, release, members, context)
    return kept[key]


def _plan(
    prepared: Prepared, base: pl.DataFrame, release: Release, members: frozenset[str] | None, context: Context
) -> Plan:
    names = frozenset(name.removeprefix("text:") for name in base.columns if name.startswith("text:"))
    occurred_at = prepared.contract.occurred_at
    around = Surroundings(names, _facts(base), release.code_lists, members, context.calendar, occurred_at)
    return layers_of(checks_of(prepared.contract, release, prepared.unknown, context.candidate), around)


def _facts(base: pl.DataFrame) -> frozenset[str]:
    return frozenset(name for name in base.columns if name.startswith("fact:"))


def evaluate(rows: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """One boolean column a check, true where a row breaks it: the whole contract in one query.

    Raises:
        ConfigurationError: a rule fails by itself; names the rule.
    """
    lazy = rows.lazy()
    for layer in plan:
        lazy = lazy.with_columns(expression for _, expression in layer)
    try:
        return lazy.select(check.name for check, _ in chain(*plan)).collect()
    except pl.exceptions.PolarsError:
        _find_culprit(rows, plan)
        raise


def _find_culprit(rows: pl.DataFrame, plan: Plan) -> None:
    for layer in plan:
        for check, expression in layer:
            try:
                rows.select(expression)
            except pl.exceptions.PolarsError as error:
                raise rule_fault(check.rule, error) from error
        rows = rows.with_columns(expression for _, expression in layer)
