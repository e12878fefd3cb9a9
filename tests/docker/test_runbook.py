"""The runbook says what can be done: its commands and options exist, its links lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from exchange_hub.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "runbook").glob("*.md"))


def hub_commands(text: str) -> Iterator[list[str]]:
    """The words of every `hub …` in code, in a line or in a block."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    for line in [*"\n".join(blocks).splitlines(), *inline]:
        for found in re.findall(r"(?:^|&& |portal )\s*hub ([^#|&]+)", line):
            yield found.split()


def understood(words: list[str]) -> bool:
    """Whether the command exists and takes the options."""
    command: Any = get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    known = {option for parameter in command.params for option in parameter.opts}
    return not getattr(command, "commands", None) and {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_exists_with_its_options(page: Path) -> None:
    named = list(hub_commands(page.read_text("utf-8")))

    assert [words for words in named if not understood(words)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8"))

    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_the_page_of_contents_names_every_page() -> None:
    listed = (ROOT / "docs" / "runbook" / "README.md").read_text("utf-8")

    assert [page.name for page in PAGES if page.stem != "README" and f"({page.name})" not in listed] == []
    assert sum(len(list(hub_commands(page.read_text("utf-8")))) for page in PAGES) > 20
