"""Rules that look at several fields of a record: to which fields of a dataset they are bound, and what they read."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from contracts.model import DatasetContract, Field, FieldType
from tests.validators.oracle.view import TEXTS, View

Roles = Mapping[str, str]  # role -> field
WORDS = {
    "text": TEXTS,
    "integer": (FieldType.INTEGER,),
    "number": (FieldType.DECIMAL,),
    "moment": (FieldType.DATETIME,),
    "date": (FieldType.DATE,),
    "flag": (FieldType.BOOLEAN,),
}


@dataclass(frozen=True)
class Bound:
    """A record seen by roles; a role that the dataset has no field for is None."""

    view: View
    roles: Roles

    def text(self, role: str) -> str | None:
        """See `View.text`."""
        return self.view.text(self.roles[role]) if role in self.roles else None

    def form(self, role: str) -> str | None:
        """See `View.form`."""
        return self.view.form(self.view.contract.field(self.roles[role]))

    def integer(self, role: str) -> int | None:
        """See `View.integer`."""
        return self.view.integer(self.roles[role])

    def number(self, role: str) -> Decimal | None:
        """See `View.number`."""
        return self.view.number(self.roles[role])

    def moment(self, role: str) -> datetime | None:
        """See `View.moment`."""
        return self.view.moment(self.roles[role])

    def day(self, role: str) -> date | None:
        """See `View.day`."""
        return self.view.day(self.roles[role])

    def flag(self, role: str) -> bool | None:
        """See `View.flag`."""
        return self.view.flag(self.roles[role])

    def pair(self, start: str, end: str) -> tuple[datetime, datetime] | None:
        """Two moments, where both are there."""
        one, other = self.moment(start), self.moment(end)
        return None if one is None or other is None else (one, other)


@dataclass(frozen=True, kw_only=True)
class Many:
    """One rule on several fields.

    `types`: role -> word of WORDS. `at`: role whose field the finding names. It holds in `trades` (all where empty) for
    events from `since` on, told by role `dated_by`.
    """

    types: Mapping[str, str]
    at: str
    broken: Callable[[Bound], bool]
    fields: tuple[Roles, ...] = ()
    finds: Callable[[DatasetContract], Iterable[Roles]] = lambda contract: ()
    trades: frozenset[str] = frozenset()
    since: date | None = None
    dated_by: str = ""

    def bindings(self, rule_id: str, contract: DatasetContract) -> Iterator[Roles]:
        """Where it looks in a dataset, each place once."""
        if self.trades and contract.domain and contract.domain not in self.trades:
            return
        uses = [use.fields for use in contract.rules if use.rule_id == rule_id and use.fields]
        named = [use for use in uses if use.keys() <= self.types.keys()]
        known = {field.name: field for field in contract.fields}
        seen: list[Roles] = []
        for roles in (*self.fields, *self.finds(contract), *named):
            if dict(roles) not in seen and all(self._fits(known.get(name), role) for role, name in roles.items()):
                seen.append(dict(roles))
                yield roles

    def is_broken(self, seen: Bound) -> bool:
        """Does the record break it there?"""
        if self.since is not None:
            event = seen.day(self.dated_by)
            if event is None or event < self.since:
                return False
        return self.broken(seen)

    def _fits(self, field: Field | None, role: str) -> bool:
        return field is not None and field.type in WORDS[self.types[role]]
