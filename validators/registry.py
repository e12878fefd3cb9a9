"""All rules, found by walking `validators.rules`: adding a rule touches no other file."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache, partial
from itertools import pairwise

import validators.rules
from contracts.model import DatasetContract, Release
from contracts.places import place_of
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.records import Severity
from validators.identifiers import IDENTIFIERS
from validators.rule import Rule


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, sorted by id.

    Raises:
        ConfigurationError: a rule file without RULE (or RULES, where one law gives two), or two rules with one id.
    """
    found: list[Rule] = []
    for module in pkgutil.iter_modules(validators.rules.__path__):
        loaded = importlib.import_module(f"validators.rules.{module.name}")
        rules = tuple(getattr(loaded, "RULES", (getattr(loaded, "RULE", None),)))
        if not rules or not all(isinstance(rule, Rule) for rule in rules):
            raise ConfigurationError(
                "RULE_MISSING",
                f"规则文件 {module.name} 中没有 RULE",
                f"rule file {module.name} defines no RULE",
                f"validators/rules/{module.name}.py",
            )
        found.extend(rules)
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
        ConfigurationError: as `check_contract` says, or a field of a rule that does not exist.
    """
    for contract in release.datasets.values():
        check_contract(contract)
        for use in contract.rules:
            if not set(use.fields.values()) <= set(contract.field_names):
                message = (f"规则 {use.rule_id} 的字段不存在", f"a field of {use.rule_id} does not exist")
                raise _wrong(contract, use.rule_id, *message)


def check_contract(contract: DatasetContract) -> None:
    """Refuse a contract that names what validation does not have; its file and line are named.

    Raises:
        ConfigurationError: an unknown rule id or identifier, an unknown severity, or a severity that may not change.
    """
    known = _by_id()
    for use in contract.rules:
        found = known.get(use.rule_id)
        here = partial(_wrong, contract, use.rule_id)
        if found is None:
            raise here(f"规则 {use.rule_id} 不存在", f"rule {use.rule_id} does not exist")
        if use.severity is not None and use.severity not in set(Severity):
            raise here(f"严重程度 {use.severity} 不存在", f"severity {use.severity} does not exist")
        if found.fixed and use.severity not in (None, found.severity.value):
            raise here(f"规则 {found.id} 的严重程度不可改", f"severity of {found.id} may not change")
    for field in contract.fields:
        if field.identifier is not None and field.identifier not in IDENTIFIERS:
            raise _wrong(
                contract,
                field.identifier,
                f"字段 {field.name} 的标识码 {field.identifier} 不存在",
                f"identifier {field.identifier} of field {field.name} does not exist",
            )


@cache
def _by_id() -> Mapping[str, Rule]:
    return {candidate.id: candidate for candidate in all_rules()}


def _wrong(contract: DatasetContract, word: str, message_zh: str, message_en: str) -> ConfigurationError:
    where = place_of(contract.path, word)
    return ConfigurationError("CONTRACT_RULES", f"数据合约：{message_zh}", f"contract: {message_en}", where)
