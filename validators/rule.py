"""What a rule is (规则), and what it sees of a record while it is evaluated.

A *field rule* looks at one field of every contract that fits (`fields`). A *record rule* looks at several columns
by role (`bindings`: role -> column); it applies to every dataset that has these columns. Both yield one polars
expression: true = holds, null = not applicable, so absence never breaks a rule that is not about presence.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import polars as pl

from contracts.model import CodeList, DatasetContract, Field, FieldType, ListState
from exchange_hub.core.calendar import Calendar, published_calendar
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.workdays import working_days

VALUE = "value"  # the one role of a field rule
NOTHING = pl.lit(None)
SENDER_COLUMN = "_sender"  # of the engine's frames: what is the same for the whole batch
RECEIVED_COLUMN = "_received_at"


@dataclass(frozen=True, slots=True)
class Context:
    """What validation must know about the batch.

    `members` are the paths inside the package (None: unknown, attachments are not looked for); with
    `assume_parents` parents that are not in the package are taken as present. `calendar` is that of working days. A
    `candidate` is a rule on trial: it stands in for the one of its id, or beside all others where its id is new.
    """

    platform_code: str
    received_at: datetime
    members: frozenset[str] | None = None
    assume_parents: bool = False
    calendar: Calendar = dataclasses.field(default_factory=published_calendar)
    candidate: "Rule | None" = None


@dataclass(frozen=True, slots=True)
class Sight:
    """What a rule sees. Roles lead to fields; a role that is not bound is null."""

    fields: Mapping[str, Field]  # role -> field
    names: frozenset[str]  # all columns of the dataset, for optional siblings
    facts: frozenset[str]  # facts about the batch and the store that are known as columns
    code_lists: Mapping[str, CodeList]
    members: frozenset[str] | None  # paths inside the package, None where not known
    text_column: Callable[[str], str]  # field -> name of its text column
    typed_column: Callable[[str], str]  # field -> name of its typed column
    calendar: Calendar = dataclasses.field(default_factory=published_calendar)
    occurred_at: str | None = None  # field that tells when the event happened

    @property
    def field(self) -> Field:
        """The field of a field rule."""
        return self.fields[VALUE]

    @property
    def code_list(self) -> CodeList | None:
        """Code list of the field, None where it has none or its values do not matter."""
        return self.code_lists.get(self.field.code_list or "")

    def text(self, role: str = VALUE) -> pl.Expr:
        """Value as sent; blank is null."""
        bound = self.fields.get(role)
        return NOTHING if bound is None else pl.col(self.text_column(bound.name))

    def form(self, role: str = VALUE) -> pl.Expr:
        """Value whose form is to be looked at: null too where it is the field's word for "none"."""
        bound = self.fields.get(role)
        text = self.text(role)
        return text if bound is None or bound.not_applicable is None else _unless(text, bound.not_applicable)

    def __getitem__(self, role: str) -> pl.Expr:
        """Typed value; null where it cannot be read."""
        bound = self.fields.get(role)
        return NOTHING if bound is None else pl.col(self.typed_column(bound.name))

    def sibling(self, name: str) -> pl.Expr:
        """Text of another column of the dataset, null where there is none."""
        return pl.col(self.text_column(name)) if name in self.names else NOTHING

    @property
    def sender(self) -> pl.Expr:
        """Code of the platform that sent the batch."""
        return pl.col(SENDER_COLUMN)

    @property
    def received_at(self) -> pl.Expr:
        """When the batch was received."""
        return pl.col(RECEIVED_COLUMN)

    @property
    def day(self) -> pl.Expr:
        """Day of the event (Date); the day of receipt where the record does not tell."""
        received = self.received_at.dt.date()
        if self.occurred_at is None or self.occurred_at not in self.names:
            return received
        return pl.coalesce(pl.col(self.typed_column(self.occurred_at)).dt.date(), received)

    def working_days(self, start: str, end: str) -> pl.Expr:
        """Working days in (day of role `start`, day of role `end`]; null where the calendar does not know them."""
        return working_days(self[start], self[end], self.calendar)

    def fact(self, name: str) -> pl.Expr:
        """A fact about the batch or the store (see validators.facts), null where it was not asked."""
        return pl.col(f"fact:{name}") if f"fact:{name}" in self.facts else NOTHING

    def each(self, holds: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
        """`holds` of the field's value, or of every part where the field carries several."""
        separator = self.field.separator
        if separator is None:
            return holds(self.form())
        return self.form().str.split(separator).list.eval(holds(pl.element()).fill_null(True)).list.all()

    def each_code(self, holds: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
        """As `each`; of an integer its number as text, null where it is none."""
        return holds(self[VALUE].cast(pl.String)) if self.field.type is FieldType.INTEGER else self.each(holds)


def _unless(text: pl.Expr, word: str) -> pl.Expr:
    return pl.when(text != word).then(text)


class Over(StrEnum):
    """Kinds of fields."""

    CONTRACT = "contract"  # fields of the contract
    ENVELOPE = "envelope"  # DATA_KEY, DATA_TYPE, attachments
    UNKNOWN = "unknown"  # columns that the contract does not have


def _as_sent(value: str) -> str:
    return value


# Raw value, field, code lists -> more precise words on what would be right, None where there are none.
Hint = Callable[[str, Field, Mapping[str, CodeList]], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. See docs/how-to/add-a-rule.md.

    With `since`, the rule holds for events from that day on, told by role `dated_by`; an event without a day is
    left alone. That is the day on which its legal source came into force.

    `screen` is for field rules on texts that hardly any value breaks: a pattern, cheap to look for, that is in every
    value which breaks the rule. The screens of a field are looked for together, and the rule is asked only of values
    that have one; it changes nothing of what is found.

    Message placeholders: `{label}`, `{field}`, `{value}`, `{example}`, in record rules the roles, and in field rules
    of the field's own numbers `{exact_length}`, `{max_length}`, `{precision}`, `{scale}`, `{code_list}`, `{list_zh}`.
    """

    id: str
    version: int
    stage: Stage
    severity: Severity
    dimension: Dimension
    message_zh: str
    message_en: str
    expected_zh: str
    legal_source: str
    passes: Callable[[Sight], pl.Expr]
    passing: Sequence[Mapping[str, Any]]
    failing: Sequence[Mapping[str, Any]]
    fields: Callable[[Field, Mapping[str, CodeList]], bool] | None = None
    bindings: Sequence[Mapping[str, str]] = ()
    binds: Callable[[DatasetContract], Iterable[Mapping[str, str]]] | None = None  # the same, by what a contract says
    roles: Mapping[str, FieldType] = dataclasses.field(default_factory=dict)  # types of the roles of a record rule
    at: str = VALUE  # role whose field the finding names
    named_as: str | None = None  # field rules: role under which a contract may name further fields
    trades: frozenset[str] = frozenset()  # domains of the contracts that it is for; empty: all
    since: date | None = None
    dated_by: str = VALUE  # role of the event
    over: Over = Over.CONTRACT  # which fields a field rule is offered
    fixed: bool = False  # the contract may not change its severity
    key_rule: bool = False  # also holds for deletions
    screen: str | None = None
    hint_zh: Hint | None = None
    shows: Callable[[str], str] = _as_sent  # how the raw value may be shown
    sample_field: Field | None = None  # field of the examples (field rules)
    sample_lists: Mapping[str, CodeList] = dataclasses.field(default_factory=dict)

    @property
    def is_field_rule(self) -> bool:
        """Does it look at one field at a time?"""
        return self.fields is not None

    def holds(self, sight: Sight) -> pl.Expr:
        """What `passes` says, for events since the rule is in force."""
        holds = self.passes(sight)
        return holds if self.since is None else pl.when(sight[self.dated_by].dt.date() >= self.since).then(holds)


def on_type(*types: FieldType) -> Callable[[Field, Mapping[str, CodeList]], bool]:
    """Applies to fields of these types."""
    return lambda candidate, _: candidate.type in types


def on_name(*names: str) -> Callable[[Field, Mapping[str, CodeList]], bool]:
    """Applies to fields of these names, whatever the dataset."""
    return lambda candidate, _: candidate.name in names


def on_identifier(*names: str) -> Callable[[Field, Mapping[str, CodeList]], bool]:
    """Applies to fields whose contract names one of these identifiers."""
    return lambda candidate, _: candidate.identifier in names


def on_list(state: ListState) -> Callable[[Field, Mapping[str, CodeList]], bool]:
    """Applies to fields of text or whole numbers whose code list is in that state."""
    types = (FieldType.STRING, FieldType.TEXT, FieldType.INTEGER)

    def fits(candidate: Field, lists: Mapping[str, CodeList]) -> bool:
        found = lists.get(candidate.code_list or "")
        return found is not None and found.state is state and candidate.type in types

    return fits
