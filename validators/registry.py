"""All rules, found by walking `validators.rules`: adding a rule touches no other file."""

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

import validators.rules
from contracts.model import Release
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.records import Severity
from validators.identifiers import IDENTIFIERS
from validators.rule import Rule


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, sorted by id.

    Raises:
        ConfigurationError: a rule file without RULE, or two rules with one id.
    """
    found = []
    for module in pkgutil.iter_modules(validators.rules.__path__):
        rule = getattr(importlib.import_module(f"validators.rules.{module.name}"), "RULE", None)
        if not isinstance(rule, Rule):
            raise ConfigurationError(
                "RULE_MISSING",
                f"规则文件 {module.name} 中没有 RULE",
                f"rule file {module.name} defines no RULE",
                f"validators/rules/{module.name}.py",
            )
        found.append(rule)
    return in_order(found)


def in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules sorted by id.

    Raises:
        ConfigurationError: two rules with one id.
    """
    ordered = sorted(rules, key=lambda rule: rule.id)
    for one, other in pairwise(ordered):
        if one.id == other.id:
            raise ConfigurationError("RULE_TWICE", f"规则编号 {one.id} 重复", f"rule id {one.id} is used twice", one.id)
    return tuple(ordered)


def rule(rule_id: str) -> Rule:
    """The rule of that id.

    Raises:
        KeyError: no such rule.
    """
    for candidate in all_rules():
        if candidate.id == rule_id:
            return candidate
    raise KeyError(rule_id)


def check_rule_ids(release: Release) -> None:
    """Refuse a release that names what validation does not have.

    Raises:
        ConfigurationError: an unknown rule id or identifier, an unknown severity, a severity that may not change, or a
            field that does not exist.
    """
    known = {candidate.id: candidate for candidate in all_rules()}
    for contract in release.datasets.values():
        for use in contract.rules:
            found = known.get(use.rule_id)
            if found is None:
                raise _wrong(contract.path, f"规则 {use.rule_id} 不存在", f"rule {use.rule_id} does not exist")
            if use.severity is not None and use.severity not in set(Severity):
                raise _wrong(
                    contract.path, f"严重程度 {use.severity} 不存在", f"severity {use.severity} does not exist"
                )
            if found.fixed and use.severity not in (None, found.severity.value):
                raise _wrong(
                    contract.path, f"规则 {found.id} 的严重程度不可改", f"severity of {found.id} may not change"
                )
            if not set(use.fields.values()) <= set(contract.field_names):
                raise _wrong(contract.path, f"规则 {found.id} 的字段不存在", f"a field of {found.id} does not exist")
        for field in contract.fields:
            if field.identifier is not None and field.identifier not in IDENTIFIERS:
                raise _wrong(
                    contract.path,
                    f"字段 {field.name} 的标识码 {field.identifier} 不存在",
                    f"identifier {field.identifier} of field {field.name} does not exist",
                )


def _wrong(path: str, message_zh: str, message_en: str) -> ConfigurationError:
    return ConfigurationError("CONTRACT_RULES", f"数据合约：{message_zh}", f"contract: {message_en}", path)
