"""Recordings that are missing go back to the platform once, and the item closes when the recording arrives."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.flows.context import Hub
from exchange_hub.flows.gaps import review_recordings
from exchange_hub.flows.ingest import ingest
from warehouse.verification import verify

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
LATER = NOW + timedelta(days=1)
PLATFORM = "12411300MA3DEM035H"
Record = tuple[str, Mapping[str, str]]

pytestmark = pytest.mark.stack


def rows(hub: Hub, statement: str) -> list[tuple[Any, ...]]:
    with hub.database() as conn:
        return conn.execute(statement.encode()).fetchall()


def without(made: Sequence[Record], dataset: str) -> list[Record]:
    return [record for record in made if record[0] != dataset]


@pytest.fixture(scope="module")
def project(records: Callable[..., list[Record]]) -> list[Record]:
    return records(9201)


ITEMS = (
    "SELECT state, findings -> 0 ->> 'rule_id', corrected_batch_no, data_key FROM audit.notice_item ORDER BY item_no"
)


def test_a_missing_recording_is_told_once_and_closed_when_it_arrives(
    new_hub: Callable[[], Hub], write: Callable[..., Path], project: list[Record]
) -> None:
    hub = new_hub()
    told = ingest(hub, write("silent", without(project, "RECORDING")), NOW, channel="cli")

    issued = review_recordings(hub, NOW)
    again = review_recordings(hub, LATER)

    assert told["counts"]["rejected"] == 0
    assert list(issued) == [PLATFORM]
    assert again == {}
    before = rows(hub, ITEMS)
    assert before
    assert {(state, rule) for state, rule, _, _ in before} == {("open", "REC-901")}
    [(state, items, due)] = rows(hub, "SELECT state, items, due_at FROM audit.notice")
    assert (state, items) == ("delivered", len(before))
    assert due is not None

    ingest(hub, write("recorded", [record for record in project if record[0] == "RECORDING"]), LATER, channel="cli")

    assert {(state, batch) for state, _, batch, _ in rows(hub, ITEMS)} == {("corrected", "recorded")}
    assert rows(hub, "SELECT state FROM audit.notice") == [("closed",)]
    assert review_recordings(hub, LATER) == {}
    with hub.database() as conn:
        assert verify(conn).differences == ()


def test_an_explained_gap_is_not_told_again_and_a_gap_that_comes_again_is(
    new_hub: Callable[[], Hub], write: Callable[..., Path], project: list[Record]
) -> None:
    hub = new_hub()
    ingest(hub, write("silent", without(project, "RECORDING")), NOW, channel="cli")
    review_recordings(hub, NOW)
    with hub.database() as conn:
        conn.execute("UPDATE hub.notice_item SET state = 'cannot_correct' WHERE item_no = 1")
        conn.execute("UPDATE hub.notice_item SET state = 'corrected' WHERE item_no = 2")
        conn.commit()

    issued = review_recordings(hub, LATER)

    [number] = issued.values()
    [(key,)] = rows(hub, f"SELECT natural_key FROM audit.notice_item WHERE notice_no = '{number}'")
    assert rows(hub, f"SELECT item_no FROM audit.notice_item WHERE natural_key = '{key}' ORDER BY 1") == [(1,), (2,)]


def test_recordings_that_are_there_are_no_matter_for_a_notice(
    new_hub: Callable[[], Hub], write: Callable[..., Path], project: list[Record]
) -> None:
    hub = new_hub()
    ingest(hub, write("whole", project), NOW, channel="cli")

    assert review_recordings(hub, NOW) == {}
