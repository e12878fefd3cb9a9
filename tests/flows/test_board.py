"""The engineer's board: what came today, what failed and why, what is due, seen only by who is signed in."""

import json
import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.embedded.airflow import AirflowKeys, airflow_environment
from exchange_hub.flows.board import Arrival, Board, days_left, read_board
from exchange_hub.flows.board_page import bars, board_html
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import ingest
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package

NANYANG, LUOYANG = "12411300MA3DEM035H", "12410300MA3DEM027A"
MORNING = datetime(2026, 12, 15, 9, 0, tzinfo=SHANGHAI)  # later than all other tests, so ours are the newest batches
ROOT = Path(__file__).resolve().parents[2]

WITH_AIRFLOW = """
import json, sys
from airflow.plugins_manager import AirflowPlugin
before = set(sys.modules)
import exchange_board
loaded = sorted({name.split(".")[0] for name in set(sys.modules) - before})
from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.core_api.security import get_user
from fastapi.testclient import TestClient
from exchange_hub.flows.airflow_board import application
create_auth_manager()
app = application()
client = TestClient(app, follow_redirects=False)
stranger = client.get("/")
app.dependency_overrides[get_user] = lambda: None
page = client.get("/")
print(json.dumps({"loaded": loaded, "stranger": [stranger.status_code, stranger.headers.get("location", "")],
    "page": [page.status_code, page.text], "view": exchange_board.ExchangeBoard.external_views[0]["href"]}))
"""


@pytest.fixture(scope="module")
def board(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Board:
    """A board at ten past nine: a faulty package and one with a hostile name came at nine, Luoyang sent nothing."""
    folder = tmp_path_factory.mktemp("board")
    write_package(folder / "bad", SampleOptions(NANYANG, 2, 881, "csv", faults=12.0, batch_no="board-bad"))
    ingest(hub, folder / "bad", MORNING, channel="cli")
    write_package(folder / "xss", SampleOptions(NANYANG, 1, 882, "csv", batch_no="board-<script>alert(1)<script>"))
    (folder / "xss" / "data" / "PROJECT.csv").write_text("spoiled", encoding="utf-8")
    ingest(hub, folder / "xss", MORNING, channel="cli")
    return read_board(hub, MORNING + timedelta(minutes=10))


@pytest.mark.stack
def test_todays_counts_of_a_platform_add_up(board: Board) -> None:
    nanyang = next(p for p in board.platforms if p.platform.code == NANYANG)

    assert nanyang.arrival is Arrival.ON_TIME
    assert nanyang.counts["batches"] == 2
    assert nanyang.counts["refused"] == 1
    assert nanyang.counts["received"] == sum(nanyang.counts[name] for name in ("accepted", "rejected", "held")) > 0
    assert nanyang.counts["rejected"] > 0


@pytest.mark.stack
def test_a_platform_that_sends_nothing_is_late_and_stands_first(board: Board) -> None:
    first = board.platforms[0]

    assert first.arrival in (Arrival.LATE, Arrival.NEVER)
    assert first.counts["batches"] == 0


@pytest.mark.stack
def test_each_failed_batch_says_why_and_names_its_notice(board: Board) -> None:
    failed = {batch["batch_no"]: batch for batch in board.batches}

    assert failed["board-bad"]["rule_id"]
    assert failed["board-bad"]["notice_no"].startswith("FK-41130001-2026-")
    refused = failed["board-<script>alert(1)<script>"]
    assert refused["refusal_code"] == "HASH_MISMATCH"
    assert refused["refusal_where"] == "data/PROJECT.csv"


@pytest.mark.stack
def test_the_trend_has_every_day_and_ends_today(board: Board) -> None:
    assert len(board.trend) == 14
    assert board.trend[-1].day == date(2026, 12, 15)
    assert board.trend[-1].rejected > 0
    assert board.trend[0].accepted == 0
    assert max(bar["accepted"] + bar["held"] + bar["rejected"] for bar in bars(board.trend)) == pytest.approx(96.0)


@pytest.mark.stack
def test_the_page_shows_a_hostile_name_as_text(board: Board) -> None:
    page = board_html(board)

    assert "board-&lt;script&gt;alert(1)&lt;script&gt;" in page
    assert "<script" not in page


@pytest.mark.stack
def test_the_page_counts_open_items_of_all(board: Board) -> None:
    due = next(due for due in board.due if due.row["batch_no"] == "board-bad")

    assert due.days_left == 5
    assert f">{due.row['items_open']} / {due.row['items']}</td>" in board_html(board)


@pytest.mark.parametrize(
    ("due", "today", "left"),
    [
        (None, date(2026, 11, 24), None),
        (date(2026, 12, 1), date(2026, 11, 24), 5),
        (date(2026, 12, 1), date(2026, 12, 1), 0),
        (date(2026, 11, 27), date(2026, 11, 28), -1),  # over since midnight, though only a Saturday has passed
        (date(2026, 11, 27), date(2026, 12, 1), -2),
    ],
)
def test_days_left_are_working_days(due: date | None, today: date, left: int | None) -> None:
    assert days_left(due, today) == left


@pytest.mark.stack
@pytest.mark.airflow
def test_airflow_shows_the_board_only_to_who_is_signed_in(board: Board, tmp_path: Path) -> None:
    settings = airflow_environment(tmp_path, f"sqlite:///{tmp_path}/a.db", 18998, AirflowKeys("k" * 40, "j" * 40))
    environment = {**os.environ, **settings, "PYTHONPATH": str(ROOT / "plugins"), "PYTHONWARNINGS": "ignore"}
    environment["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "ERROR"

    done = subprocess.run(
        [sys.executable, "-c", WITH_AIRFLOW], env=environment, capture_output=True, text=True, check=True, timeout=120
    )

    said = json.loads(done.stdout.splitlines()[-1])
    assert said["loaded"] == ["exchange_board"]  # each task process pays for what the plugin imports
    assert said["stranger"][0] == 303
    assert "/login" in said["stranger"][1]
    assert said["page"][0] == 200
    assert "board-bad" in said["page"][1]
    assert said["view"] == "/exchange-board/"
