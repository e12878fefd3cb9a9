"""From rules and a contract to checks: which rule looks at which field of a dataset, and as what polars expression."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from contracts.model import CodeList, DatasetContract, Field, FieldType, Release
from exchange_hub.core.calendar import Calendar, published_calendar
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.records import ATTACHMENTS, DATA_KEY, DATA_TYPE, REPEATED, Severity, Stage
from validators.alone import Alone, Asking, alone, nameless
from validators.registry import all_rules, check_contract, in_order
from validators.rule import VALUE, Over, Rule, Sight

DELETED = "_deleted"  # pl.Boolean: the record is a deletion
_LABELS = {DATA_KEY: "数据主键", DATA_TYPE: "数据操作类型", ATTACHMENTS: "附件", REPEATED: "重复字段"}
ENVELOPE_FIELDS = tuple(Field(name, label, FieldType.TEXT, required=False) for name, label in _LABELS.items())
RULE_FAULTS = (pl.exceptions.PolarsError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Check:
    """One rule applied to one place of a dataset."""

    number: int
    rule: Rule
    field: Field  # named by the finding
    position: int  # of the field in the dataset: envelope, contract, unknown fields
    roles: Mapping[str, Field]
    severity: Severity

    @property
    def name(self) -> str:
        """Name of its boolean column: true where the record breaks the rule."""
        return f"#{self.number}"

    @property
    def reads(self) -> frozenset[str]:
        """Names of the fields it reads."""
        return frozenset(field.name for field in self.roles.values())


def text_column(field: str) -> str:
    """Column of a field's text in the engine's frames; blank is null."""
    return f"text:{field}"


def typed_column(field: str) -> str:
    """Column of a field's typed value in the engine's frames."""
    return field


def checks_of(
    contract: DatasetContract, release: Release, unknown: tuple[str, ...] = (), candidate: Rule | None = None
) -> tuple[Check, ...]:
    """All checks of a dataset; `unknown` names the columns that the contract does not have.

    Args:
        candidate: a rule on trial, in the place of the one of its id or beside all others.

    Raises:
        ConfigurationError: the contract names a rule that does not exist; names file and line.
    """
    check_contract(contract)
    strangers = tuple(Field(name, name, FieldType.TEXT, required=False) for name in unknown)
    offered = {Over.ENVELOPE: ENVELOPE_FIELDS, Over.CONTRACT: contract.fields, Over.UNKNOWN: strangers}
    names = [field.name for fields in offered.values() for field in fields]
    severities = {use.rule_id: Severity(use.severity) for use in contract.rules if use.severity is not None}
    checks: list[Check] = []
    for rule in _rules(candidate):
        if rule.trades and contract.domain and contract.domain not in rule.trades:
            continue
        for roles in _places(rule, contract, offered[rule.over], release.code_lists):
            field = roles[rule.at]
            severity = severities.get(rule.id, rule.severity)
            checks.append(Check(len(checks), rule, field, names.index(field.name), roles, severity))
    return tuple(checks)


def _rules(candidate: Rule | None) -> tuple[Rule, ...]:
    if candidate is None:
        return all_rules()
    return in_order([*(rule for rule in all_rules() if rule.id != candidate.id), candidate])


def _places(
    rule: Rule, contract: DatasetContract, offered: tuple[Field, ...], lists: Mapping[str, CodeList]
) -> Iterator[Mapping[str, Field]]:
    if rule.fields is not None:
        applies = rule.fields
        also = {use.fields.get(rule.named_as or "") for use in contract.rules if use.rule_id == rule.id}
        yield from ({VALUE: field} for field in offered if applies(field, lists) or field.name in also)
        return
    fields = {field.name: field for field in contract.fields}
    named = [use.fields for use in contract.rules if use.rule_id == rule.id and use.fields]
    own = () if rule.binds is None else rule.binds(contract)
    bindings = [*rule.bindings, *own, *(uses for uses in named if set(uses) <= set(rule.roles))]
    seen: list[Mapping[str, Field]] = []
    for binding in bindings:
        if all(name in fields and _fits(fields[name], rule.roles[role]) for role, name in binding.items()):
            roles = {role: fields[name] for role, name in binding.items()}
            if roles not in seen:
                seen.append(roles)
                yield roles


def _fits(field: Field, wanted: FieldType) -> bool:
    texts = (FieldType.STRING, FieldType.TEXT)
    return field.type is wanted or (field.type in texts and wanted in texts)


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
    def screens(self) -> list[pl.Expr]:
        """By field, in the order of `screened`: does the value have one of the screens?"""
        made = []
        for name, numbers in self.screened.items():
            patterns = dict.fromkeys(f"(?:{self.checks[number].rule.screen})" for number in numbers)
            made.append(pl.col(text_column(name)).str.contains("|".join(patterns)).alias(name))
        return made

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
