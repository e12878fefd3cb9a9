"""The checks of a dataset as polars expressions, made ready to be asked together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from contracts.model import CodeList, DatasetContract, Field
from exchange_hub.core.calendar import Calendar, published_calendar
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.records import ATTACHMENTS, Severity, Stage
from validators.alone import Alone, Asking, alone, nameless
from validators.checks import Check, text_column, typed_column
from validators.rule import Rule, Sight

RULE_FAULTS = (pl.exceptions.PolarsError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the expressions of one dataset may refer to besides the fields of their rule."""

    names: frozenset[str]
    facts: frozenset[str]
    code_lists: Mapping[str, CodeList]
    members: frozenset[str] | None
    calendar: Calendar = field(default_factory=published_calendar)
    occurred_at: str | None = None


def holds(check: Check, around: Surroundings) -> pl.Expr:
    """The rule's own expression over the engine's columns: true = holds, null = not applicable.

    Raises:
        ConfigurationError: the rule cannot make its expression; names the rule.
    """
    try:
        return check.rule.holds(
            Sight(check.roles, around.names, around.facts, around.code_lists, around.members, text_column,
                  typed_column, around.calendar, around.occurred_at)
        )  # fmt: skip
    except RULE_FAULTS as error:
        raise rule_fault(check.rule, error) from error


def rule_fault(rule: Rule, error: Exception) -> ConfigurationError:
    """Our own fault: a rule that does not work. Never a finding; the data's values are not repeated."""
    kind = type(error).__name__
    return ConfigurationError(
        "RULE_FAULT", f"规则 {rule.id} 自身出错（{kind}）", f"rule {rule.id} itself failed ({kind})", rule.id
    )


@dataclass(frozen=True, eq=False)
class Plan:
    """The checks of a dataset made ready: what each asks, and which others hide what it says."""

    contract_fields: tuple[Field, ...]
    checks: tuple[Check, ...]  # by number
    breaks: tuple[pl.Expr, ...]  # by number: true where the record breaks the rule, null where it does not apply
    hidden_by: Mapping[int, tuple[int, ...]]  # numbers of checks of earlier stages, only where there are some
    alone: Mapping[int, Alone]  # checks that look at one value and nothing else of the record

    @cached_property
    def asking(self) -> dict[tuple[str, bytes], int]:
        """Number of the check on a single value, by its field and what it asks."""
        return {(self.checks[number].field.name, alone.key): number for number, alone in self.alone.items()}

    @cached_property
    def screened(self) -> dict[str, tuple[int, ...]]:
        """By field, the numbers of its checks that have a screen."""
        found: dict[str, list[int]] = {}
        for check in self.checks:
            if check.rule.screen is not None:
                found.setdefault(check.field.name, []).append(check.number)
        return {name: tuple(numbers) for name, numbers in found.items()}

    @cached_property
    def patterns(self) -> dict[str, str]:
        """By field, one pattern for the screens of all its checks."""
        screens = {name: {self.checks[number].rule.screen for number in same} for name, same in self.screened.items()}
        return {name: "|".join(sorted(f"(?:{one})" for one in of_field)) for name, of_field in screens.items()}

    @cached_property
    def screens(self) -> list[pl.Expr]:
        """By field, in the order of `screened`: does the value have one of the screens?"""
        return [pl.col(text_column(name)).str.contains(pattern).alias(name) for name, pattern in self.patterns.items()]

    @cached_property
    def together(self) -> tuple[int, ...]:
        """Numbers of the checks that look at more than one value."""
        return tuple(check.number for check in self.checks if check.number not in self.alone)

    @cached_property
    def in_order(self) -> list[Check]:
        """The checks, those that hide others before them."""
        return sorted(self.checks, key=lambda check: check.rule.stage)


def plan_for(contract: DatasetContract, checks: tuple[Check, ...], around: Surroundings) -> Plan:
    """The plan of a dataset's checks."""
    hiding = _hiding_checks(checks)
    hidden = {check.number: _hidden_by(check, hiding) for check in checks}
    breaks = tuple((~holds(check, around)).alias(check.name) for check in checks)
    hidden_by = {number: others for number, others in hidden.items() if others}
    return Plan(contract.fields, checks, breaks, hidden_by, _alone(checks, around))


def _alone(checks: tuple[Check, ...], around: Surroundings) -> dict[int, Alone]:
    """By number, the checks that look at a single value."""
    plain = {check.field.name: nameless(check.field) for check in checks}
    lists = {name: around.code_lists.get(field.code_list) for name, field in plain.items() if field.code_list}
    found = {}
    for check in checks:
        name = check.field.name
        if check.rule.is_field_rule and name != ATTACHMENTS:  # that rule reads JSON and may be asked of nothing else
            found[check.number] = alone(Asking(check.rule, plain[name], lists.get(name), around.calendar))
    return {number: one for number, one in found.items() if one is not None}


def _hidden_by(check: Check, hiding: Mapping[str, list[Check]]) -> tuple[int, ...]:
    """A fault in a field hides what later stages read there; conditions do not hide each other."""
    if check.rule.stage <= Stage.VALUES:
        return ()
    earlier = min(check.rule.stage, Stage.CONDITIONS)
    return tuple(other.number for name in check.reads for other in hiding.get(name, ()) if other.rule.stage < earlier)


def _hiding_checks(checks: tuple[Check, ...]) -> dict[str, list[Check]]:
    """Rejecting field checks of values and identifiers, by their field."""
    faults: dict[str, list[Check]] = {}
    for check in checks:
        if check.severity is Severity.REJECT and check.rule.is_field_rule and check.rule.stage < Stage.CONDITIONS:
            faults.setdefault(check.field.name, []).append(check)
    return faults
