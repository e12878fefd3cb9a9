"""What must hold of every rule across datasets, whichever it is."""

from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any

import polars as pl
import pytest

from contracts.loader import load_release
from exchange_hub.core.calendar import published_calendar
from exchange_hub.core.records import Severity
from validators.cross import all_cross_rules, cross_findings, findings_of, needed, typed_rows
from validators.crossrule import CrossRule
from validators.registry import all_rules

RULES = all_cross_rules()
RELEASE = load_release("2.0.0")
Example = Mapping[str, Sequence[Mapping[str, Any]]]


def findings(one: CrossRule, example: Example) -> pl.DataFrame:
    records = {
        source.dataset: typed_rows(example.get(name, ()), source, RELEASE.datasets[source.dataset])
        for name, source in one.sources.items()
    }
    return findings_of(one, records, RELEASE, published_calendar())


@pytest.mark.parametrize("one", RULES, ids=lambda one: one.id)
def test_passing_examples_pass(one: CrossRule) -> None:
    assert one.passing
    assert [example for example in one.passing if findings(one, example).height] == []


@pytest.mark.parametrize("one", RULES, ids=lambda one: one.id)
def test_failing_examples_fail_and_are_told_in_full(one: CrossRule) -> None:
    assert one.failing
    for example in one.failing:
        found = findings(one, example)

        assert found.height
        assert found["message_zh"].str.contains("[{}]").any() is False
        assert set(found["data_key"]) <= {row["key"] for row in example[one.subject]}


@pytest.mark.parametrize("one", RULES, ids=lambda one: one.id)
def test_a_rule_applies_to_the_release_and_never_rejects(one: CrossRule) -> None:
    assert one.applies(RELEASE)
    assert one.severity is not Severity.REJECT
    assert one.id not in {rule.id for rule in all_rules()}
    assert all(name for text in (one.message_zh, one.message_en) for _, name, _, _ in Formatter().parse(text) if name)


@pytest.mark.parametrize("one", [one for one in RULES if one.since], ids=lambda one: one.id)
def test_an_event_before_the_law_is_left_alone(one: CrossRule) -> None:
    old = {
        name: [{word: _in_1999(value) for word, value in row.items()} for row in rows]
        for name, rows in one.failing[0].items()
    }

    assert findings(one, old).is_empty()


def _in_1999(value: Any) -> Any:
    return f"1999{value[4:]}" if isinstance(value, str) and len(value) == 14 and value.startswith("20") else value


def test_no_records_give_no_findings() -> None:
    assert cross_findings({}, RELEASE, published_calendar()).is_empty()
    assert set(needed(RELEASE)) >= {"WIN_RESULT_ANNO", "CONTRACT_PERFORMANCE", "PROJECT"}
