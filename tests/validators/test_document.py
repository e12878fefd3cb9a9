"""The committed reference page is the one that the rules generate."""

from pathlib import Path

from validators.cross import all_cross_rules
from validators.document import cross_page, rules_page
from validators.registry import all_rules

ROOT = Path(__file__).resolve().parents[2]


def test_rules_page_is_current() -> None:
    written = (ROOT / "docs" / "reference" / "rules.md").read_text("utf-8")

    page = f"{rules_page(all_rules())}\n{cross_page(all_cross_rules())}"
    assert written == page, "run: python -m validators.document docs/reference/rules.md"


def test_how_to_shows_a_rule_file_as_it_is() -> None:
    guide = (ROOT / "docs" / "how-to" / "add-a-rule.md").read_text("utf-8")
    shown = guide.split("```python\n", 1)[1].split("```", 1)[0]

    assert shown == (ROOT / "validators" / "rules" / "publicity_ends_before_start.py").read_text("utf-8")
