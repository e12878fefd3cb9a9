"""What a site of the spec is written from: a release, and what the validators know about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.change import Change
from contracts.model import Release


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule as people read it."""

    rule_id: str
    stage: str  # name of the stage, lower case
    severity: str
    dimension: str
    fault_zh: str
    fault_en: str
    expected_zh: str
    source: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule at one place of a dataset, with its severity in this release."""

    rule_id: str
    severity: str
    fields: tuple[str, ...]
    fault_zh: str
    fault_en: str


@dataclass(frozen=True, slots=True)
class SpecBook:
    """A release to be published. Mappings are by dataset unless said otherwise."""

    release: Release
    releases: tuple[Release, ...]  # all that are known, oldest first: the life cycle
    rules: tuple[RuleText, ...]
    rules_of: Mapping[str, tuple[RuleLine, ...]]
    records: Mapping[str, Mapping[str, str]]  # a good record each
    forms: Mapping[str, Mapping[str, str]]  # field -> anchored pattern that its identifier must have
    changes: Mapping[tuple[str, str], tuple[Change, ...]] = field(default_factory=dict)  # by (old, new) release
