"""`hub contracts docs`: a release with its rules, its changes and a good record of each dataset, written as a site."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path

from contracts.change import Change
from contracts.compare import diff
from contracts.loader import load_release, release_versions, releases
from contracts.model import DatasetContract, Release
from contracts.publish.book import RuleLine, RuleText, SpecBook
from contracts.publish.example import good_record
from contracts.publish.site import write_site
from exchange_hub.core.records import Severity, Stage
from exchange_hub.flows.spec import rules_held
from validators.checks import checks_of
from validators.identifiers import FORMS
from validators.registry import all_rules
from validators.rule import Rule


def write_docs(version: str, folder: Path) -> None:
    """Write the site of a release into a folder.

    Raises:
        ConfigurationError: no such release, or one of its files is wrong.
        OSError: the folder cannot be written.
    """
    write_site(spec_book(version), folder)


def spec_book(version: str) -> SpecBook:
    """A release made ready to be published."""
    release = load_release(version)
    return SpecBook(
        release=release,
        releases=releases(),
        rules=tuple(_text(rule) for rule in all_rules()),
        rules_of={name: tuple(_lines(contract, release)) for name, contract in release.datasets.items()},
        records={name: good_record(contract, release) for name, contract in release.datasets.items()},
        forms={name: identifier_forms(contract, release) for name, contract in release.datasets.items()},
        changes=_changes(version),
    )


def identifier_forms(contract: DatasetContract, release: Release) -> Mapping[str, str]:
    """Fields whose identifier has a pattern that a record must keep or be rejected -> that pattern, anchored."""
    strict = {
        check.field.name
        for check in checks_of(contract, release)
        if check.rule.stage is Stage.IDENTIFIERS and check.severity is Severity.REJECT and check.rule.is_field_rule
    }
    return {
        field.name: FORMS[field.identifier]
        for field in contract.fields
        if field.name in strict and field.identifier in FORMS
    }


def _changes(version: str) -> Mapping[tuple[str, str], tuple[Change, ...]]:
    """What led to the release, and what the ones after it will bring."""
    versions = release_versions()
    near = [pair for pair in pairwise(versions) if version in pair or versions.index(pair[0]) > versions.index(version)]
    return {(old, new): diff(load_release(old), load_release(new), rules_held) for old, new in near}


def _lines(contract: DatasetContract, release: Release) -> Iterable[RuleLine]:
    """Rules over several fields, then those by field whose severity the release sets itself."""
    held = list(rules_held(contract, release))
    set_here = {use.rule_id for use in contract.rules if use.severity is not None}
    texts = {rule.id: rule for rule in all_rules()}
    for rule in held:
        if not rule.by_field:
            named = tuple(dict.fromkeys(rule.fields.values()))
            yield RuleLine(rule.rule_id, rule.severity or "", named, rule.fault_zh, rule.fault_en)
    for rule_id in sorted(set_here):
        places = [rule for rule in held if rule.by_field and rule.rule_id == rule_id]
        if places:
            named = tuple(name for rule in places for name in rule.fields.values())
            yield RuleLine(
                rule_id, places[0].severity or "", named, texts[rule_id].message_zh, texts[rule_id].message_en
            )


def _text(rule: Rule) -> RuleText:
    return RuleText(
        rule_id=rule.id,
        stage=rule.stage.name.lower(),
        severity=rule.severity.value,
        dimension=rule.dimension.value,
        fault_zh=rule.message_zh,
        fault_en=rule.message_en,
        expected_zh=rule.expected_zh,
        source=rule.legal_source,
    )
