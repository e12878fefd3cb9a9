"""One record as the oracle reads it: plain Python over the texts as sent, nothing of the engine.

Source: the exchange spec's data formats; the notes on blanks and forms in docs/reference/rules.md.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from chinese_calendar import is_workday

from contracts.model import CodeList, DatasetContract, Field, FieldType, ListState

Row = Mapping[str, Any]
TEXTS = (FieldType.STRING, FieldType.TEXT)
# White space of Unicode (property White_Space).
WHITE = frozenset(
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
)


@dataclass(frozen=True)
class Batch:
    """What is the same for all records of a package. Moments are Beijing time without a zone."""

    sender: str
    received_at: datetime
    lists: Mapping[str, CodeList]
    members: frozenset[str] | None = None


@dataclass(frozen=True)
class View:
    """A record of a dataset."""

    contract: DatasetContract
    row: Row
    batch: Batch

    def text(self, name: str) -> str | None:
        """As sent; blank is None."""
        value = self.row.get(name)
        return None if value is None or set(value) <= WHITE else value

    def form(self, field: Field) -> str | None:
        """As `text`; the field's word for "none" is None too."""
        value = self.text(field.name)
        return None if value == field.not_applicable else value

    def parts(self, field: Field) -> list[str]:
        """The values of a field that may hold several."""
        value = self.form(field)
        return [] if value is None else value.split(field.separator) if field.separator else [value]

    def any_part(self, field: Field, wrong: Callable[[str], bool]) -> bool:
        """Is one of them wrong?"""
        return any(map(wrong, self.parts(field)))

    def integer(self, name: str) -> int | None:
        """A whole number that 64 bits hold."""
        value = self.text(name)
        found = int(value) if value is not None and re.fullmatch("-?[0-9]+", value) else None
        return found if found is None or -(2**63) <= found < 2**63 else None

    def number(self, name: str) -> Decimal | None:
        """A plain decimal number that can be stored, or a whole one."""
        value = self.text(name)
        plain = value is not None and re.fullmatch(r"-?[0-9]{1,32}(\.[0-9]{1,6})?", value)
        return Decimal(value or "") if plain else None

    def moment(self, name: str) -> datetime | None:
        """A date-time yyyyMMddHHmmss that exists."""
        return _read(self.text(name), "%Y%m%d%H%M%S", 14)

    def day(self, name: str) -> date | None:
        """A day: of a date yyyyMMdd, or of a date-time."""
        found = _read(self.text(name), "%Y%m%d", 8) or self.moment(name)
        return None if found is None else found.date()

    def flag(self, name: str) -> bool | None:
        """Yes, no or neither."""
        return {"1": True, "0": False}.get(self.text(name) or "")

    @property
    def deletes(self) -> bool:
        """Is it a deletion?"""
        return self.row.get("DATA_TYPE") == "3"

    @property
    def content(self) -> str:
        """Canonical text of its values, of which the record's hash is made."""
        return "".join(map(self._canonical, self.contract.fields))

    @property
    def hash(self) -> str:
        """SHA-256 of its content."""
        return hashlib.sha256(self.content.encode()).hexdigest()

    def _canonical(self, field: Field) -> str:
        value = None if self.deletes else self._typed(field)
        if value is None:
            return "N\x1f"
        for sign, told in (("\\", "\\\\"), ("\x1f", "\\u001f"), ("\r", "\\r"), ("\n", "\\n")):
            value = value.replace(sign, told)
        return f"V{value}\x1f"

    def _typed(self, field: Field) -> str | None:
        if field.type is FieldType.INTEGER:
            found = self.integer(field.name)
            return None if found is None else str(found)
        if field.type is FieldType.DECIMAL:
            number = self.number(field.name)
            return None if number is None else f"{number:.6f}"
        unread = {
            FieldType.DATETIME: self.moment(field.name) is None,
            FieldType.DATE: _read(self.text(field.name), "%Y%m%d", 8) is None,
            FieldType.BOOLEAN: self.flag(field.name) is None,
        }
        return None if unread.get(field.type) else self.text(field.name)


def _read(value: str | None, form: str, digits: int) -> datetime | None:
    if value is None or not re.fullmatch(f"(19|20|21)[0-9]{{{digits - 2}}}", value):
        return None
    try:
        return datetime.strptime(value, form)  # noqa: DTZ007
    except ValueError:
        return None


def exists(year_month_day: str) -> bool:
    """Is there such a day?"""
    return _read(year_month_day, "%Y%m%d", 8) is not None


def working_days(start: date, end: date) -> int | None:
    """Working days in (start, end]; None where the State has not published a year of it."""
    if start.year < 2004 or end.year > 2026:
        return None
    return sum(map(is_workday, (start + timedelta(days=n) for n in range(1, (end - start).days + 1))))


def listed(field: Field, lists: Mapping[str, CodeList], *states: ListState) -> CodeList | None:
    """The code list of a field of text or whole numbers, where it is in one of these states."""
    found = lists.get(field.code_list or "")
    fits = found is not None and found.state in states and field.type in (*TEXTS, FieldType.INTEGER)
    return found if fits else None


def codes(view: View, field: Field) -> Iterator[str]:
    """The codes of a field; of a whole number its digits without leading noughts."""
    if field.type is not FieldType.INTEGER:
        yield from view.parts(field)
    elif (number := view.integer(field.name)) is not None:
        yield str(number)
