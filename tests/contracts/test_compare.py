"""What counts as compatible, worth a look, or breaking between two releases."""

from dataclasses import replace
from typing import Any

import pytest

from contracts.compare import Change, ForWhom, Level, diff
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
DECIMAL = {"type": FieldType.DECIMAL, "max_length": None, "precision": 20, "scale": 6}
BREAKING, WARNING, COMPATIBLE = Level.BREAKING, Level.WARNING, Level.COMPATIBLE


@pytest.mark.parametrize(
    ("before", "after", "level"),
    [
        ({}, {"type": FieldType.TEXT}, BREAKING),
        ({}, {"required": True}, BREAKING),
        ({"required": True}, {}, WARNING),
        ({}, {"max_length": 9}, BREAKING),
        ({}, {"max_length": 11}, WARNING),
        ({}, SHORT, BREAKING),
        (SHORT, {}, WARNING),
        (SHORT, {"max_length": 4}, BREAKING),
        (SHORT, {"exact_length": 6, "max_length": None}, BREAKING),
        (DECIMAL, DECIMAL | {"scale": 5}, BREAKING),
        (DECIMAL, DECIMAL | {"precision": 19}, BREAKING),
        (DECIMAL, DECIMAL | {"precision": 21, "scale": 7}, WARNING),
        (DECIMAL, DECIMAL | {"precision": 20, "scale": 7}, BREAKING),
        ({}, {"unique": True}, BREAKING),
        ({"unique": True}, {}, COMPATIBLE),
        ({}, {"immutable": True}, BREAKING),
        ({}, {"identifier": "url"}, BREAKING),
        ({"identifier": "url"}, {}, COMPATIBLE),
        ({}, {"separator": ";"}, BREAKING),
        ({}, {"not_applicable": "-"}, COMPATIBLE),
        ({"not_applicable": "-"}, {}, BREAKING),
        ({}, {"personal": "phone"}, WARNING),
    ],
)
def test_changed_field(before: dict[str, Any], after: dict[str, Any], level: Level) -> None:
    change = one_change(release(dataset(field(**before))), release(dataset(field(**after))))

    assert change.level is level
    assert change.field == "A"
    assert change.text_zh
    assert change.text_en


@pytest.mark.parametrize(
    ("found", "level"),
    [
        (code_list(ListState.CLOSED), BREAKING),
        (code_list(ListState.PARTIAL), WARNING),
        (code_list(ListState.OPEN, pattern="^[0-9]$"), BREAKING),
        (code_list(ListState.OPEN), COMPATIBLE),
    ],
)
def test_code_list_given_to_a_field_counts_by_what_it_refuses(found: CodeList, level: Level) -> None:
    old = release(dataset(field()), lists=found)
    new = release(dataset(field(code_list="LIST")), lists=found)

    assert one_change(old, new).level is level
    assert one_change(new, old).level is COMPATIBLE


@pytest.mark.parametrize(
    ("before", "after", "level"),
    [
        (code_list(values="12"), code_list(values="123"), COMPATIBLE),
        (code_list(values="12"), code_list(values="1"), BREAKING),
        (code_list(ListState.PARTIAL, "12"), code_list(ListState.PARTIAL, "1"), WARNING),
        (code_list(ListState.OPEN, "12"), code_list(ListState.OPEN, "1"), COMPATIBLE),
        (code_list(ListState.OPEN), code_list(ListState.CLOSED), BREAKING),
        (code_list(ListState.OPEN), code_list(ListState.PARTIAL), WARNING),
        (code_list(ListState.CLOSED), code_list(ListState.PARTIAL), COMPATIBLE),
        (code_list(ListState.OPEN), code_list(ListState.OPEN, pattern="^[0-9]$"), BREAKING),
        (code_list(ListState.OPEN, pattern="^[0-9]$"), code_list(ListState.OPEN), COMPATIBLE),
    ],
)
def test_changed_code_list(before: CodeList, after: CodeList, level: Level) -> None:
    change = one_change(release(lists=before), release(lists=after))

    assert (change.level, change.dataset) == (level, "codelists/LIST")


def test_a_value_that_changes_its_meaning_is_a_warning() -> None:
    after = replace(code_list(), codes=(Code("1", "值1"), Code("2", "别的")))

    assert one_change(release(lists=code_list()), release(lists=after)).level is WARNING


def test_added_parent_breaks_and_removed_parent_does_not() -> None:
    free = release(dataset(field()))
    bound = release(dataset(field(), parents=(Parent("A", "D", "A"),)))

    assert one_change(free, bound).level is BREAKING
    assert one_change(bound, free).level is COMPATIBLE


def test_changed_natural_key_is_a_warning() -> None:
    old = release(dataset(field("A"), field("B")))
    new = release(dataset(field("A"), field("B"), natural_key=("B",)))

    assert one_change(old, new).level is WARNING


@pytest.mark.parametrize(
    ("before", "after", "level"),
    [
        ((), (RuleUse("TIM-001"),), WARNING),
        ((), (RuleUse("TIM-001", "reject"),), BREAKING),
        ((RuleUse("TIM-001"),), (), COMPATIBLE),
        ((RuleUse("TIM-001", "query"),), (RuleUse("TIM-001", "reject"),), BREAKING),
        ((RuleUse("TIM-001", "reject"),), (RuleUse("TIM-001", "query"),), COMPATIBLE),
        ((RuleUse("TIM-001", "reject"),), (RuleUse("TIM-001"),), WARNING),
    ],
)
def test_changed_rules(before: tuple[RuleUse, ...], after: tuple[RuleUse, ...], level: Level) -> None:
    change = one_change(release(dataset(field(), rules=before)), release(dataset(field(), rules=after)))

    assert (change.level, change.for_whom) == (level, ForWhom.SENDERS)


def test_breaking_changes_stand_first_within_a_dataset_and_code_lists_last() -> None:
    old = release(dataset(field("A"), field("Z")), dataset(name="E"), lists=code_list(values="1"))
    new = release(dataset(field("A", max_length=11)), dataset(field("B"), name="E"), lists=code_list(values="12"))

    changes = diff(old, new)

    assert [(change.dataset, change.level) for change in changes] == [
        ("D", BREAKING),
        ("D", WARNING),
        ("E", COMPATIBLE),
        ("codelists/LIST", COMPATIBLE),
    ]
