"""The words in which faults of a sample are written: a fault, and the changes that make one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange_hub.core.check_digits import unified_deal_check
from exchange_hub.sample.vocabulary import Record

Change = Callable[[Record], Record]  # a record -> the fields that change
REJECT, QUERY, ALERT = "reject", "query", "alert"


@dataclass(frozen=True, slots=True)
class Fault:
    """One named fault. `rule_id` None: no finding, the record waits for its parent (held)."""

    name: str
    dataset: str
    field: str
    rule_id: str | None
    change: Change
    severity: str = REJECT
    fits: Callable[[Record], bool] = lambda record: True


def put(**values: str | None) -> Change:
    """The fields set to these values."""
    return lambda record: dict(values)


def edit(name: str, made: Callable[[str], str]) -> Change:
    """One field made anew from its value."""
    return lambda record: {name: made(record[name] or "")}


def copied(target: str, source: str) -> Change:
    """One field given the value of another."""
    return lambda record: {target: record[source]}


def other_last(alphabet: str) -> Callable[[str], str]:
    """Another last character of the alphabet: the check is certain to fail."""
    return lambda code: code[:-1] + alphabet[(alphabet.index(code[-1]) + 1) % len(alphabet)]


def shifted(target: str, source: str, hours: int) -> Change:
    """The target moment set some hours from the source moment."""

    def change(record: Record) -> Record:
        moment = datetime.strptime(record[source] or "", "%Y%m%d%H%M%S")  # noqa: DTZ007 -- shifted, not compared
        return {target: f"{moment + timedelta(hours=hours):%Y%m%d%H%M%S}"}

    return change


def impossible_day(deal_code: str) -> str:
    """A unified trading identifier of 30 February, its check character made anew."""
    trade, issuer, _, serial, _ = deal_code.split("-")
    parts = (trade, issuer, "20260230", serial)
    return "-".join((*parts, unified_deal_check("".join(parts))))


def has(*names: str) -> Callable[[Record], bool]:
    """Does the record have all of these?"""
    return lambda record: all(record[name] is not None for name in names)


def lacks(name: str) -> Callable[[Record], bool]:
    """Is the field empty?"""
    return lambda record: record[name] is None
