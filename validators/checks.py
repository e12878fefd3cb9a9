"""Checks: which rule looks at which field of a dataset."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from contracts.model import CodeList, DatasetContract, Field, FieldType, Release
from exchange_hub.core.records import ATTACHMENTS, DATA_KEY, DATA_TYPE, REPEATED, Severity
from validators.registry import all_rules, check_contract, in_order
from validators.rule import VALUE, Over, Rule

DELETED = "_deleted"  # pl.Boolean: the record is a deletion
_LABELS = {DATA_KEY: "数据主键", DATA_TYPE: "数据操作类型", ATTACHMENTS: "附件", REPEATED: "重复字段"}
ENVELOPE_FIELDS = tuple(Field(name, label, FieldType.TEXT, required=False) for name, label in _LABELS.items())


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
