"""Timeliness alerts on a real warehouse: raised once, closed by what arrives."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.flows.arrivals import watch_arrivals
from exchange_hub.flows.board import read_board
from exchange_hub.flows.board_page import board_html
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import ingest

pytestmark = pytest.mark.stack

NOW = datetime(2027, 3, 1, 10, 0, tzinfo=SHANGHAI)  # long after the sample, whose events must not lie ahead
DAY = timedelta(days=1)
Records = Callable[..., list[tuple[str, dict[str, str]]]]
Write = Callable[[str, Sequence[tuple[str, dict[str, str]]]], Path]


def kinds(alerts: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(alert["kind"], alert["dataset"]) for alert in alerts]


def rows(hub: Hub) -> list[tuple[Any, ...]]:
    with hub.database() as conn:
        return conn.execute(
            "SELECT kind, raised_at, closed_at FROM audit.arrival_alert ORDER BY raised_at, kind"
        ).fetchall()


def test_an_alert_is_raised_once_shown_on_the_board_and_closed_by_what_arrives(
    fresh: Hub, records: Records, write: Write
) -> None:
    project = records(5)[0]
    ingest(fresh, write("first", [project]), NOW - 10 * DAY, channel="cli")

    late = watch_arrivals(fresh, NOW)
    again = watch_arrivals(fresh, NOW + timedelta(hours=1))
    page = board_html(read_board(fresh, NOW + timedelta(hours=1)))
    ingest(fresh, write("second", [records(6)[0]]), NOW + timedelta(hours=2), channel="cli")
    after = watch_arrivals(fresh, NOW + timedelta(hours=3))

    assert kinds(late) == kinds(again) == [("silent", "")]
    assert late[0]["owner"] == fresh.platforms[late[0]["platform_code"]].contact
    assert "时效性预警" in page
    assert "长期未报" in page
    assert after == []
    assert rows(fresh) == [("silent", NOW, NOW + timedelta(hours=3))]


def test_a_dataset_that_no_longer_comes_while_others_do_is_named(fresh: Hub, records: Records, write: Write) -> None:
    for number in range(9):
        project, tender = records(20 + number)[:2]
        wanted = [project, tender] if number < 5 else [project]
        ingest(fresh, write(f"no-{number}", wanted), NOW - (9 - number) * DAY, channel="cli")

    assert kinds(watch_arrivals(fresh, NOW - DAY + timedelta(hours=1))) == [("dataset_stopped", "TENDER_PROJECT")]
