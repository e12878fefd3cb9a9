"""Checks that look at one value and nothing else of the record (单值检查).

The same rule asks the same of all fields that differ in name only. So what it asks is found out once for all of them,
and a small batch is asked once for the values of many fields.
"""

from dataclasses import dataclass, replace

import polars as pl

from contracts.model import CodeList, Field
from exchange_hub.core.calendar import Calendar
from validators.rule import RECEIVED_COLUMN, SENDER_COLUMN, VALUE, Rule, Sight

TEXT_OF_VALUE = "\0text"  # columns of `Alone.breaks`; no field has such a name
TYPE_OF_VALUE = "\0value"
_COLUMNS = frozenset({TEXT_OF_VALUE, TYPE_OF_VALUE, SENDER_COLUMN, RECEIVED_COLUMN})
_KEPT = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Alone:
    """A check on one value by itself: the same question may be asked of the values of many fields at once.

    `key` is the same for checks that ask the same; `breaks` reads the columns TEXT_OF_VALUE and TYPE_OF_VALUE.
    """

    key: bytes
    breaks: pl.Expr


@dataclass(frozen=True, slots=True)
class Asking:
    """A field rule, and all that its question to a single value may depend on."""

    rule: Rule
    field: Field  # as `nameless` gives it
    code_list: CodeList | None
    calendar: Calendar


class _LooksAround(Exception):  # no fault: the rule looks at more than the value
    """The rule asked for something else of the record or the batch."""


class _Elsewhere(frozenset[str]):
    """Stands for all that is not the value: whoever looks there looks at more than the value."""

    def __contains__(self, _: object) -> bool:
        raise _LooksAround


_ELSEWHERE = _Elsewhere()
_nameless: dict[Field, Field] = {}
_answers: dict[tuple[object, ...], tuple[Asking, Alone | None]] = {}  # what the ids of a key belong to stands beside


def nameless(field: Field) -> Field:
    """The field without its name, words and other traits that no question to a single value depends on.

    One object for all fields of that kind. A test holds every rule to it.
    """
    plain = replace(field, name=VALUE, label_zh="", note="", source="", example=None, required=False, unit=None,
                    confidence="", personal=None, unique=False, immutable=False)  # fmt: skip
    return _nameless.setdefault(plain, plain)


def alone(asking: Asking) -> Alone | None:
    """What the rule asks of a value by itself; None where it looks at more than that."""
    key = (id(asking.rule), id(asking.field), id(asking.code_list), asking.calendar)
    if key not in _answers:
        if len(_answers) >= _KEPT:
            _answers.clear()
        _answers[key] = (asking, _find(asking))
    return _answers[key][1]


def _find(asking: Asking) -> Alone | None:
    field = asking.field
    lists = {} if asking.code_list is None else {field.code_list or "": asking.code_list}
    sight = Sight({VALUE: field}, _ELSEWHERE, _ELSEWHERE, lists, None, lambda _: TEXT_OF_VALUE,
                  lambda _: TYPE_OF_VALUE, asking.calendar, "")  # fmt: skip
    try:
        breaks = ~asking.rule.holds(sight)
        if not set(breaks.meta.root_names()) <= _COLUMNS:
            return None
        return Alone(breaks.meta.serialize(), breaks)
    except (_LooksAround, pl.exceptions.ComputeError):  # the latter: it calls Python, which has no text to compare
        return None
