"""A release of the exchange spec in memory: plain frozen dataclasses, no frames.

Read from `contracts/releases/<x.y.z>/*.odcs.yaml`, `release.yaml` and `contracts/codelists/*.yaml` by
`contracts.loader`. Names of datasets, fields and code lists are the spec's, misspellings included.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class FieldType(StrEnum):
    """Field types of the spec (envelope.md section 8)."""

    STRING = "string"
    TEXT = "text"  # string without a length
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATETIME = "datetime"  # yyyyMMddHHmmss, Beijing time
    DATE = "date"  # yyyyMMdd
    BOOLEAN = "boolean"  # 0 or 1


class ListState(StrEnum):
    """How far the values of a code list are known."""

    CLOSED = "closed"  # all values known: another value is rejected
    PARTIAL = "partial"  # values from a neighbouring source: another value is queried
    OPEN = "open"  # values not known: only the form is checked


class ReleaseStatus(StrEnum):
    """Life cycle of a release."""

    DRAFT = "draft"
    ACTIVE = "active"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a code list; `since` and `until` bound its validity (inclusive), None is unbounded."""

    code: str
    label_zh: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class CodeList:
    """A code list (代码集). `pattern` is the form of a value, anchored, for open lists; None checks nothing."""

    name: str
    label_zh: str
    state: ListState
    codes: tuple[Code, ...]
    pattern: str | None
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a dataset.

    Lengths count characters. `precision` and `scale` belong to decimals ("20,6": at most 14 integer and 6
    decimal digits). `max_length` of an integer is its greatest number of digits. `separator` is set where the
    field carries several values (`;`): lengths, code list and identifier then hold for each part.
    """

    name: str
    label_zh: str
    type: FieldType
    required: bool
    exact_length: int | None = None
    max_length: int | None = None
    precision: int | None = None
    scale: int | None = None
    code_list: str | None = None
    separator: str | None = None
    identifier: str | None = None  # a form of identifiers.md: see validators.identifiers
    unit: str | None = None
    personal: str | None = None  # id_number, phone, bank_account, name, email; masked: see MASKED_CLASSES
    unique: bool = False  # one current record per value
    immutable: bool = False  # may not change on update
    example: str | None = None
    note: str = ""
    source: str = ""
    confidence: str = "high"
    id_type_field: str | None = None  # field that tells the kind of document of a person_id (list ID_CARD_TYPE, 01)
    not_applicable: str | None = None  # this value means "none": present, but no rule on its form holds for it


# Personal-data classes whose values are masked in reports, notices and logs.
MASKED_CLASSES = frozenset({"id_number", "phone", "bank_account", "email"})
# What findings, notices and the form of corrections mask: names too, an expert's is secret until the result is public.
# The technician finds the record by file, row and the other parts of its code.
MASKED_IN_FINDINGS = MASKED_CLASSES | {"name"}


@dataclass(frozen=True, slots=True)
class Parent:
    """`field` names records of `dataset` by their `parent_field`; the record waits until they are there."""

    field: str
    dataset: str
    parent_field: str


@dataclass(frozen=True, slots=True)
class RuleUse:
    """A rule that the contract names, with the severity it has in this release (None: the rule's own)."""

    rule_id: str
    severity: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)  # role in the rule -> field of this dataset


@dataclass(frozen=True, slots=True)
class DatasetContract:
    """One dataset of a release (one ODCS file)."""

    dataset: str
    version: str
    label_zh: str
    data_no: str  # number of the dataset in the exchange, "" where none is known
    stage: str  # registration, announcement, enrollment, expert_draw, opening, evaluation, award, deposit, ...
    fields: tuple[Field, ...]
    natural_key: tuple[str, ...]
    parents: tuple[Parent, ...]
    rules: tuple[RuleUse, ...]
    occurred_at: str | None  # field that tells when the event happened (timeline)
    path: str  # file it was read from
    domain: str = ""  # trade (交易类别) of the dataset, as ODCS `domain`; "" belongs to all
    exchange_minutes: int | None = None  # exchanged at least this often (Art. 8); None: the contract does not say
    max_lag_minutes: int | None = None  # greatest delay of a record after its event; None: the contract does not say

    def field(self, name: str) -> Field:
        """The field of that exact name.

        Raises:
            KeyError: no such field.
        """
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise KeyError(name)

    @property
    def field_names(self) -> tuple[str, ...]:
        """Names of all fields in the order of the spec."""
        return tuple(f.name for f in self.fields)


@dataclass(frozen=True, slots=True)
class Release:
    """The whole spec at a moment."""

    version: str
    status: ReleaseStatus
    effective_from: date | None
    deprecated_from: date | None
    retired_from: date | None
    successor: str | None
    changes: tuple[str, ...]
    datasets: Mapping[str, DatasetContract]
    code_lists: Mapping[str, CodeList]
    based_on: str | None = None  # the release whose datasets it takes over, but for those it adds, changes or removes

    def status_on(self, day: date) -> ReleaseStatus:
        """Status on a day.

        A draft is a draft whatever dates it plans. Otherwise the dates decide, so that a frozen file need not be
        edited when its day comes; a stated status without its date holds from the beginning.
        """
        if self.status is ReleaseStatus.DRAFT:
            return ReleaseStatus.DRAFT
        if _reached(day, self.retired_from, self.status is ReleaseStatus.RETIRED):
            return ReleaseStatus.RETIRED
        if _reached(day, self.deprecated_from, self.status is ReleaseStatus.DEPRECATED):
            return ReleaseStatus.DEPRECATED
        if self.effective_from is None or day < self.effective_from:
            return ReleaseStatus.DRAFT
        return ReleaseStatus.ACTIVE


def _reached(day: date, since: date | None, stated: bool) -> bool:
    return stated if since is None else day >= since
