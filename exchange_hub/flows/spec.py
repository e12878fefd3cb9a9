"""The spec with the rules that hold for it: what the contracts alone cannot say, for comparing and for reading."""

from collections.abc import Iterable, Mapping
from functools import cache

from contracts.compare import Change, HeldRule, diff
from contracts.loader import load_release
from contracts.model import DatasetContract, Release
from validators.checks import Check, checks_of
from validators.rule import Rule
from validators.trial import holds_for


def compare_releases(old: str, new: str) -> tuple[Change, ...]:
    """All changes from one release to another, with the rules that really hold for each dataset.

    Raises:
        ConfigurationError: no such release, or one of its files is wrong.
    """
    return diff(load_release(old), load_release(new), judged=rules_held)


def rules_held(contract: DatasetContract, release: Release) -> Iterable[HeldRule]:
    """Every rule at every place of a dataset where validation applies it, with its severity in this release."""
    fields = set(contract.field_names)
    return [_held(check) for check in checks_of(contract, release) if check.field.name in fields]


def _held(check: Check) -> HeldRule:
    rule = check.rule
    by_role = {role: bound.name for role, bound in check.roles.items()}
    demanded = frozenset(by_role[role] for role in _demanded(rule) if role in by_role)
    words = _words(rule, by_role)
    return HeldRule(
        rule_id=rule.id,
        fields=by_role,
        severity=check.severity.value,
        by_field=rule.is_field_rule,
        demanded=demanded,
        fault_zh="" if rule.is_field_rule else rule.message_zh.format_map(words),
        fault_en="" if rule.is_field_rule else rule.message_en.format_map(words),
    )


@cache
def _demanded_by_id(rule_id: str) -> frozenset[str]:
    from validators.registry import rule as rule_of

    return _roles_that_must_not_be_empty(rule_of(rule_id))


def _demanded(rule: Rule) -> frozenset[str]:
    return frozenset() if rule.is_field_rule else _demanded_by_id(rule.id)


def _roles_that_must_not_be_empty(rule: Rule) -> frozenset[str]:
    """Roles without which an example that passes no longer does: the rule's conditional requiredness."""
    return frozenset(
        role
        for role in rule.roles
        if any(row.get(role) and holds_for(rule, {**row, role: None}) is False for row in rule.passing)
    )


class _Words(dict[str, str]):
    """Placeholders of a message: roles show their field, values that no record gives yet a dash."""

    def __missing__(self, key: str) -> str:
        return "—"


def _words(rule: Rule, by_role: Mapping[str, str]) -> Mapping[str, str]:
    at = by_role.get(rule.at, "")
    return _Words(by_role, field=at, label=at)
