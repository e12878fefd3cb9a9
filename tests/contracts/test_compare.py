"""What counts as compatible, worth a look, or breaking between two releases."""

from dataclasses import replace
from typing import Any

import pytest

from contracts.compare import Change, ForWhom, HeldRule, Level, diff
from contracts.loader import load_release
from contracts.model import (
    Code,
    CodeList,
    DatasetContract,
    Field,
    FieldType,
    ListState,
    Parent,
    Release,
    ReleaseStatus,
    RuleUse,
)
from exchange_hub.flows.spec import rules_held


def field(name: str = "A", **changes: Any) -> Field:
    return replace(Field(name, "甲", FieldType.STRING, required=False, max_length=10), **changes)


def code_list(state: ListState = ListState.CLOSED, values: str = "12", pattern: str | None = None) -> CodeList:
    return CodeList("LIST", "表", state, tuple(Code(v, f"值{v}") for v in values), pattern, "test", "high")


def dataset(*fields: Field, name: str = "D", **changes: Any) -> DatasetContract:
    plain = DatasetContract(name, "1.0.0", "数据", "1", "award", fields, ("A",), (), (), None, "D.odcs.yaml")
    return replace(plain, **changes)


def release(*datasets: DatasetContract, lists: CodeList | None = None) -> Release:
    return Release(
        "1.0.0",
        ReleaseStatus.ACTIVE,
        None,
        None,
        None,
        None,
        (),
        {found.dataset: found for found in datasets},
        {lists.name: lists} if lists else {},
    )


def one_change(old: Release, new: Release) -> Change:
    (change,) = diff(old, new)
    return change


def test_a_release_does_not_differ_from_itself() -> None:
    current = load_release("2.0.0")

    assert diff(current, current) == ()


def test_labels_notes_and_order_of_fields_are_no_change() -> None:
    old = release(dataset(field("A"), field("B")))
    new = release(dataset(field("B", note="new note"), field("A", label_zh="新名", source="x")))

    assert diff(old, new) == ()


def test_removed_dataset_breaks_everyone() -> None:
    change = one_change(release(dataset(), dataset(name="E")), release(dataset()))

    assert (change.level, change.dataset, change.for_whom) == (Level.BREAKING, "E", ForWhom.EVERYONE)


def test_added_dataset_is_compatible() -> None:
    assert one_change(release(), release(dataset())).level is Level.COMPATIBLE


@pytest.mark.parametrize(("required", "level"), [(True, Level.BREAKING), (False, Level.COMPATIBLE)])
def test_added_field_breaks_only_when_required(required: bool, level: Level) -> None:
    change = one_change(release(dataset()), release(dataset(field(required=required))))

    assert (change.level, change.field) == (level, "A")


def test_removed_field_breaks() -> None:
    assert one_change(release(dataset(field())), release(dataset())).level is Level.BREAKING


SHORT = {"exact_length": 5, "max_length": None}
TEXT = {"type": FieldType.TEXT, "max_length": None}
DECIMAL = {"type": FieldType.DECIMAL, "max_length": None, "precision": 20, "scale": 6}
BREAKING, WARNING, COMPATIBLE = Level.BREAKING, Level.WARNING, Level.COMPATIBLE
SENDERS, READERS, EVERYONE = ForWhom.SENDERS, ForWhom.READERS, ForWhom.EVERYONE


@pytest.mark.parametrize(
    ("before", "after", "level", "whom"),
    [
        ({}, {"type": FieldType.INTEGER}, BREAKING, EVERYONE),
        ({}, TEXT, BREAKING, READERS),  # a text is a string without a bound
        (TEXT, {}, BREAKING, SENDERS),
        ({}, {"required": True}, BREAKING, SENDERS),
        ({"required": True}, {}, BREAKING, READERS),
        ({}, {"max_length": 9}, BREAKING, SENDERS),
        ({}, {"max_length": 11}, BREAKING, READERS),
        ({}, SHORT, BREAKING, SENDERS),
        (SHORT, {}, BREAKING, READERS),
        (SHORT, {"max_length": 4}, BREAKING, EVERYONE),
        (SHORT, {"exact_length": 6, "max_length": None}, BREAKING, EVERYONE),
        (DECIMAL, DECIMAL | {"scale": 5}, BREAKING, EVERYONE),  # fewer decimals, one more integer digit
        (DECIMAL, DECIMAL | {"precision": 19}, BREAKING, SENDERS),
        (DECIMAL, DECIMAL | {"precision": 21, "scale": 7}, BREAKING, READERS),
        (DECIMAL, DECIMAL | {"precision": 20, "scale": 7}, BREAKING, EVERYONE),
        ({}, {"unique": True}, BREAKING, SENDERS),
        ({"unique": True}, {}, BREAKING, READERS),
        ({}, {"immutable": True}, BREAKING, SENDERS),
        ({}, {"identifier": "url"}, BREAKING, SENDERS),
        ({"identifier": "url"}, {}, BREAKING, READERS),
        ({"identifier": "url"}, {"identifier": "email"}, BREAKING, EVERYONE),
        ({}, {"id_type_field": "B"}, WARNING, SENDERS),
        ({}, {"separator": ";"}, BREAKING, EVERYONE),
        ({}, {"not_applicable": "-"}, WARNING, READERS),
        ({"not_applicable": "-"}, {}, BREAKING, EVERYONE),
        ({}, {"unit": "CNY"}, WARNING, EVERYONE),
        ({"unit": "CNY"}, {"unit": "10000 CNY"}, BREAKING, EVERYONE),
        ({}, {"personal": "phone"}, WARNING, READERS),
    ],
)
def test_changed_field(before: dict[str, Any], after: dict[str, Any], level: Level, whom: ForWhom) -> None:
    change = one_change(release(dataset(field(**before))), release(dataset(field(**after))))

    assert (change.level, change.for_whom, change.field) == (level, whom, "A")
    assert change.text_zh
    assert change.text_en


@pytest.mark.parametrize(
    ("found", "level"),
    [
        (code_list(ListState.CLOSED), BREAKING),
        (code_list(ListState.PARTIAL), WARNING),
        (code_list(ListState.OPEN, pattern="^[0-9]$"), BREAKING),
        (code_list(ListState.OPEN), WARNING),
    ],
)
def test_code_list_given_to_a_field_counts_by_what_it_refuses(found: CodeList, level: Level) -> None:
    old = release(dataset(field()), lists=found)
    new = release(dataset(field(code_list="LIST")), lists=found)

    assert one_change(old, new).level is level
    assert (one_change(new, old).level, one_change(new, old).for_whom) == (WARNING, READERS)


@pytest.mark.parametrize(
    ("before", "after", "level"),
    [
        (code_list(values="12"), code_list(values="123"), WARNING),
        (code_list(values="12"), code_list(values="1"), BREAKING),
        (code_list(ListState.PARTIAL, "12"), code_list(ListState.PARTIAL, "1"), WARNING),
        (code_list(ListState.OPEN, "12"), code_list(ListState.OPEN, "1"), COMPATIBLE),
        (code_list(ListState.OPEN), code_list(ListState.CLOSED), BREAKING),
        (code_list(ListState.OPEN), code_list(ListState.PARTIAL), WARNING),
        (code_list(ListState.CLOSED), code_list(ListState.PARTIAL), WARNING),
        (code_list(ListState.OPEN), code_list(ListState.OPEN, pattern="^[0-9]$"), BREAKING),
        (code_list(ListState.OPEN, pattern="^[0-9]$"), code_list(ListState.OPEN), WARNING),
    ],
)
def test_changed_code_list(before: CodeList, after: CodeList, level: Level) -> None:
    change = one_change(release(lists=before), release(lists=after))

    assert (change.level, change.dataset) == (level, "codelists/LIST")


def test_a_value_that_changes_its_meaning_is_a_warning() -> None:
    after = replace(code_list(), codes=(Code("1", "值1"), Code("2", "别的")))

    assert one_change(release(lists=code_list()), release(lists=after)).level is WARNING


def test_a_parent_added_to_a_field_breaks_senders_and_one_taken_away_is_a_word_to_readers() -> None:
    free = release(dataset(field()))
    bound = release(dataset(field(), parents=(Parent("A", "D", "A"),)))

    added, removed = one_change(free, bound), one_change(bound, free)

    assert (added.level, added.for_whom) == (BREAKING, SENDERS)
    assert (removed.level, removed.for_whom) == (WARNING, READERS)


def test_the_parent_of_a_new_optional_field_holds_nobody() -> None:
    new = release(dataset(field(), field("B"), parents=(Parent("B", "D", "A"),)))

    assert {change.level for change in diff(release(dataset(field())), new)} == {COMPATIBLE}


def test_changed_natural_key_is_a_warning() -> None:
    old = release(dataset(field("A"), field("B")))
    new = release(dataset(field("A"), field("B"), natural_key=("B",)))

    assert one_change(old, new).level is WARNING


@pytest.mark.parametrize(
    ("before", "after", "level", "whom"),
    [
        ((), (RuleUse("TIM-001"),), WARNING, SENDERS),  # the rule's own severity is not known here
        ((), (RuleUse("TIM-001", "reject"),), BREAKING, SENDERS),
        ((), (RuleUse("TIM-001", "query"),), WARNING, SENDERS),
        ((RuleUse("TIM-001"),), (), WARNING, READERS),
        ((RuleUse("TIM-001", "query"),), (), COMPATIBLE, READERS),
        ((RuleUse("TIM-001", "query"),), (RuleUse("TIM-001", "reject"),), BREAKING, SENDERS),
        ((RuleUse("TIM-001", "reject"),), (RuleUse("TIM-001", "query"),), WARNING, READERS),
    ],
)
def test_changed_rules(before: tuple[RuleUse, ...], after: tuple[RuleUse, ...], level: Level, whom: ForWhom) -> None:
    change = one_change(release(dataset(field(), rules=before)), release(dataset(field(), rules=after)))

    assert (change.level, change.for_whom) == (level, whom)


@pytest.mark.parametrize(("demanded", "level"), [(frozenset({"B"}), BREAKING), (frozenset(), COMPATIBLE)])
def test_a_rule_over_a_new_field_breaks_only_where_it_demands_that_field(
    demanded: frozenset[str], level: Level
) -> None:
    def judged(contract: DatasetContract, _: Release) -> list[HeldRule]:
        both = {"amount": "A", "unit": "B"}
        return [HeldRule("CND-004", both, "reject", demanded=demanded)] if len(contract.fields) == 2 else []

    old, new = release(dataset(field())), release(dataset(field(), field("B")))

    [change] = [change for change in diff(old, new, judged) if "CND-004" in change.text_en]

    assert change.level is level
    assert ("条件必填" in change.text_zh) is bool(demanded)


def test_an_optional_field_that_an_old_amount_now_demands_breaks_senders() -> None:
    """CND-004: an amount needs its unit. The unit is optional by itself, required by condition."""
    current = load_release("2.0.0")
    section = current.datasets["SECTION"]
    without = replace(section, fields=tuple(f for f in section.fields if f.name != "PRICE_UNIT"))

    changes = diff(
        replace(current, datasets={"SECTION": without}), replace(current, datasets={"SECTION": section}), rules_held
    )

    [condition] = [change for change in changes if "required by condition" in change.text_en]
    assert "CND-004" in condition.text_en
    assert (condition.level, condition.for_whom) == (BREAKING, SENDERS)


def test_a_severity_set_by_the_release_is_seen_at_its_field() -> None:
    current = load_release("2.0.0")
    section = current.datasets["SECTION"]
    stricter = replace(
        section, rules=(*(u for u in section.rules if u.rule_id != "IDN-005"), RuleUse("IDN-005", "reject"))
    )
    softer = replace(
        section, rules=(*(u for u in section.rules if u.rule_id != "IDN-005"), RuleUse("IDN-005", "query"))
    )

    [change] = diff(
        replace(current, datasets={"SECTION": softer}), replace(current, datasets={"SECTION": stricter}), rules_held
    )

    assert (change.level, change.for_whom, change.field) == (BREAKING, SENDERS, "UNIFIED_DEAL_CODE")


def test_breaking_changes_stand_first_within_a_dataset_and_code_lists_last() -> None:
    old = release(dataset(field("A"), field("Z")), dataset(name="E"), lists=code_list(values="1"))
    new = release(dataset(field("A", personal="name")), dataset(field("B"), name="E"), lists=code_list(values="12"))

    changes = diff(old, new)

    assert [(change.dataset, change.level) for change in changes] == [
        ("D", BREAKING),
        ("D", WARNING),
        ("E", COMPATIBLE),
        ("codelists/LIST", WARNING),
    ]


def test_a_list_that_grows_by_hundreds_is_one_change() -> None:
    changes = [c for c in diff(load_release("1.0.0"), load_release("2.0.0")) if c.dataset == "codelists/REGION_GBT2260"]

    [grown] = [change for change in changes if "values added" in change.text_en]
    assert (grown.level, grown.for_whom) == (Level.WARNING, ForWhom.READERS)
    assert len(changes) < 30
