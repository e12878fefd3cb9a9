"""The table of researched rules tells the truth: what implements each, or why nothing does."""

from pathlib import Path

import pytest

from validators.cross import all_cross_rules
from validators.registry import all_rules

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "law-rules.md"
RULES = {rule.id: rule for rule in (*all_rules(), *all_cross_rules())}
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text("utf-8").splitlines()
    if line.startswith("| RSN-")
]


def test_all_researched_rules_are_in_the_table_once() -> None:
    names = [row[0] for row in ROWS]

    assert len(names) == len(set(names)) == 108


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_names_rules_that_exist_or_says_why_there_is_none(row: list[str]) -> None:
    _, _, _, suggested, confidence, implemented, why = row
    ids = [word.strip("`") for word in implemented.split()]

    assert set(ids) <= set(RULES)
    assert ids or why
    assert confidence in ("high", "medium") or not ids
    assert why or suggested in {RULES[one].severity.value for one in ids}


def test_every_rule_that_names_a_researched_one_in_its_file_is_in_the_table() -> None:
    listed = {word.strip("`") for row in ROWS for word in row[5].split()}
    folder = Path(__file__).resolve().parents[2] / "validators"
    named = {
        rule.id
        for module in ("rules", "crossrules")
        for path in (folder / module).glob("*.py")
        for rule in RULES.values()
        if "RSN-" in (text := path.read_text("utf-8")).split('"""')[1] and f'"{rule.id}"' in text
    }

    assert named <= listed
