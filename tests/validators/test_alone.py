"""What a rule asks of a value by itself is found once for all fields of a kind."""

import dataclasses

import polars as pl
import pytest

from contracts.loader import load_release
from contracts.model import Field, FieldType
from exchange_hub.core.calendar import published_calendar
from exchange_hub.core.records import Stage
from validators.alone import Asking, alone, nameless
from validators.checks import checks_of
from validators.evaluate import surroundings
from validators.plan import plan_for
from validators.registry import rule
from validators.rule import VALUE, Rule

CALENDAR = published_calendar()
NAME = Field("NAME", "名称", FieldType.STRING, required=True, max_length=10)


def asking(one: Rule, field: Field) -> Asking:
    return Asking(one, field, None, CALENDAR)


def test_no_question_to_a_value_depends_on_the_fields_name() -> None:
    release = load_release("3.0.0")  # has every dataset and rule of those before it
    named: dict[tuple[str, Field], str] = {}

    for contract in release.datasets.values():
        around = surroundings(contract, (), release, CALENDAR)
        plan = plan_for(contract, checks_of(contract, release), around)
        for number, found in plan.alone.items():
            check = plan.checks[number]
            if named.setdefault((check.rule.id, nameless(check.field)), check.field.name) == check.field.name:
                codes = around.code_lists.get(check.field.code_list or "")
                own = alone(Asking(check.rule, check.field, codes, CALENDAR))
                assert own is not None, (contract.dataset, check.field.name, check.rule.id)
                assert own.key == found.key, (contract.dataset, check.field.name, check.rule.id)

    assert len(named) > 100


def test_fields_that_differ_in_name_only_are_asked_the_same() -> None:
    other = dataclasses.replace(NAME, name="OTHER", label_zh="其他", required=False)

    one, another = (alone(asking(rule("VAL-015"), nameless(field))) for field in (NAME, other))

    assert one is not None
    assert one is another


def test_a_question_with_other_numbers_is_another_question() -> None:
    long = dataclasses.replace(NAME, max_length=500)

    short, wide = (alone(asking(rule("VAL-007"), nameless(field))) for field in (NAME, long))

    assert short is not None
    assert wide is not None
    assert short.key != wide.key


@pytest.mark.parametrize("looks", ["sibling", "fact", "day"])
def test_a_rule_that_looks_around_is_not_asked_by_value(looks: str) -> None:
    seen = {
        "sibling": lambda sight: sight.text() == sight.sibling("OTHER"),
        "fact": lambda sight: sight.text() == sight.fact("stored:NAME"),
        "day": lambda sight: sight.day > pl.date(2020, 1, 1),
    }[looks]
    one = dataclasses.replace(rule("VAL-015"), passes=seen, stage=Stage.VALUES)

    assert alone(asking(one, dataclasses.replace(NAME, name=VALUE))) is None
