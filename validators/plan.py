"""From rules and a contract to checks: which rule looks at which field of a dataset, and as what polars expression."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from contracts.model import CodeList, DatasetContract, Field, FieldType, Release
from exchange_hub.core.calendar import Calendar, published_calendar
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.records import ATTACHMENTS, DATA_KEY, DATA_TYPE, REPEATED, Severity, Stage
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
    sight = Sight(
        check.roles,
        around.names,
        around.facts,
        around.code_lists,
        around.members,
        text_column,
        typed_column,
        around.calendar,
        around.occurred_at,
    )
    try:
        return check.rule.holds(sight)
    except RULE_FAULTS as error:
        raise rule_fault(check.rule, error) from error


def rule_fault(rule: Rule, error: Exception) -> ConfigurationError:
    """Our own fault: a rule that does not work. Never a finding; the data's values are not repeated."""
    kind = type(error).__name__
    return ConfigurationError(
        "RULE_FAULT", f"规则 {rule.id} 自身出错（{kind}）", f"rule {rule.id} itself failed ({kind})", rule.id
    )


Layer = tuple[tuple[Check, pl.Expr], ...]


def layers_of(checks: tuple[Check, ...], around: Surroundings) -> tuple[Layer, ...]:
    """The checks with their expressions, in groups of which each only looks back at the groups before it."""
    values = tuple(check for check in checks if check.rule.stage <= Stage.VALUES)
    identifiers = tuple(check for check in checks if check.rule.stage is Stage.IDENTIFIERS)
    rest = tuple(check for check in checks if check.rule.stage > Stage.IDENTIFIERS)
    faults = _faults_by_field(values + identifiers)
    return tuple(
        tuple((check, broken(check, faults, around).alias(check.name)) for check in layer)
        for layer in (values, identifiers, rest)
    )


def broken(check: Check, faults: Mapping[str, list[Check]], around: Surroundings) -> pl.Expr:
    """True where the record breaks the rule and no earlier fault in a field it reads hides it.

    Deletions are looked at by key rules only.
    """
    result = ~holds(check, around).fill_null(True)
    earlier = min(check.rule.stage, Stage.CONDITIONS) if check.rule.stage > Stage.VALUES else Stage.STRUCTURE
    hiding = [other.name for name in check.reads for other in faults.get(name, ()) if other.rule.stage < earlier]
    if hiding:
        result = result & ~pl.any_horizontal(sorted(hiding))
    return result if check.rule.key_rule else result & ~pl.col(DELETED)


def _faults_by_field(checks: tuple[Check, ...]) -> dict[str, list[Check]]:
    """Rejecting field checks by their field: their faults hide what later stages read there."""
    faults: dict[str, list[Check]] = {}
    for check in checks:
        if check.severity is Severity.REJECT and check.rule.is_field_rule:
            faults.setdefault(check.field.name, []).append(check)
    return faults
