"""What a rule across datasets is (跨数据集规则): it joins records of one tender project after they are stored.

Such a rule only queries or alerts: the records it compares come in different batches, often from the same centre on
different days, and each was right by itself. It is judged anew whenever a record of the tender project changes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from contracts.model import Release
from exchange_hub.core.calendar import Calendar
from exchange_hub.core.records import Dimension, Severity
from validators.workdays import working_days

KEY = "key"  # DATA_KEY of a record
NEAR = "near"  # a legal minimum missed by one day: a query, whatever the rule's severity
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Source:
    """One dataset that a rule reads: word in the rule -> field.

    A field that may hold several values (its contract has a separator) becomes one row a value if named in `each`.
    """

    dataset: str
    fields: Mapping[str, str]
    each: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Frames:
    """The records a rule sees, by the name of its source: `key` and the rule's words, typed as the contract says."""

    tables: Mapping[str, pl.DataFrame]
    calendar: Calendar

    def __getitem__(self, name: str) -> pl.LazyFrame:
        """The records of one source."""
        return self.tables[name].lazy()

    def working_days(self, start: str, end: str) -> pl.Expr:
        """Working days in (day of column `start`, day of column `end`]; null where the calendar does not know them."""
        return working_days(pl.col(start), pl.col(end), self.calendar)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossRule:
    """One rule across datasets. See docs/how-to/add-a-rule.md.

    `broken` gives the rows of the subject that break the rule: `key`, the subject's other words, and what else the
    messages name in braces. An input that is null or not there never breaks a rule. With `since` only events from
    that day on count, told by the subject's word `dated_by`.
    """

    id: str
    version: int
    severity: Severity
    dimension: Dimension
    message_zh: str
    message_en: str
    expected_zh: str
    legal_source: str
    sources: Mapping[str, Source]
    subject: str  # name of the source whose record a finding is about
    at: str  # word of the subject whose field a finding names
    broken: Callable[[Frames], pl.LazyFrame]
    passing: Sequence[Mapping[str, Rows]]
    failing: Sequence[Mapping[str, Rows]]
    since: date | None = None
    dated_by: str = ""
    trades: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse what would reject records that are stored already."""
        if self.severity is Severity.REJECT:
            raise ValueError(f"{self.id}: a rule across datasets cannot reject")

    @property
    def field(self) -> str:
        """Field that a finding names."""
        return self.sources[self.subject].fields[self.at]

    def applies(self, release: Release) -> bool:
        """Does the release have all that the rule reads?"""
        return all(
            source.dataset in release.datasets
            and set(source.fields.values()) <= set(release.datasets[source.dataset].field_names)
            for source in self.sources.values()
        )
