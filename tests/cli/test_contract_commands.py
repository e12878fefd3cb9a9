"""`hub contracts` as a technician meets it."""

import json
from collections.abc import Callable

import pytest

from exchange_hub.cli.main import app, run

Hub = Callable[..., tuple[int, str, str]]


@pytest.fixture
def hub(capsys: pytest.CaptureFixture[str]) -> Hub:
    def ask(*arguments: str) -> tuple[int, str, str]:
        status = run(lambda: app(["contracts", *arguments], standalone_mode=False))
        said = capsys.readouterr()
        return status, said.out, said.err

    return ask


def test_the_list_says_from_when_to_when_a_release_holds_and_what_follows(hub: Hub) -> None:
    status, said, _ = hub("list")

    lines = said.splitlines()
    assert status == 0
    assert lines[0].startswith("1.0.0  deprecated  自 since 2019-01-01，停用 retired 2027-01-01，改用 then 2.0.0")
    assert lines[3].startswith("3.0.0  draft  日期未定 no date yet")


def test_a_misspelt_dataset_is_answered_with_those_of_similar_names(hub: Hub) -> None:
    status, said, error = hub("show", "tender_candidat")

    assert (status, said) == (2, "")
    assert "TENDER_CANDIDATE" in error
    assert "RECORDING" not in error


def test_the_difference_says_for_whom_it_breaks(hub: Hub) -> None:
    status, said, _ = hub("diff", "2.0.0", "3.0.0", "--json")

    found = json.loads(said)
    assert status == 0
    assert found["compatible_for"] == {"senders": False, "readers": False}
    assert {"level", "dataset", "field", "text_zh", "text_en", "for_whom"} == set(found["changes"][0])


def test_releases_that_do_not_exist_are_named_with_those_that_do(hub: Hub) -> None:
    status, _, error = hub("diff", "2.0.0", "9.9.9")

    assert status == 2
    assert "2.1.0" in error
