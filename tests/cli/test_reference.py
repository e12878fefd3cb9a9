"""The reference page of the command line says what the commands are."""

from pathlib import Path

from exchange_hub.cli.reference import page

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_command_reference_is_up_to_date() -> None:
    assert (DOCS / "reference" / "commands.md").read_text("utf-8") == page()


def test_every_command_says_what_it_does() -> None:
    sections = page().split("\n## ")[1:]

    assert len(sections) > 30
    assert all(section.split("\n")[2].strip() for section in sections)
