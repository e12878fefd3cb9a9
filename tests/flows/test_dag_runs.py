"""The platforms' DAGs in a real Airflow, with real SFTP, S3 and folder channels, PostgreSQL and object store."""

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange_hub.core.clock import system_now
from exchange_hub.embedded.airflow import AirflowKeys, airflow_environment
from exchange_hub.flows.context import Hub
from exchange_hub.flows.lake import show_lake
from exchange_hub.flows.submit import submit
from exchange_hub.sample.broken import BROKEN, write_broken
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package

pytestmark = [pytest.mark.stack, pytest.mark.airflow]

ZHENGZHOU, LUOYANG, NANYANG = "12410100MA3DEM0195", "12410300MA3DEM027A", "12411300MA3DEM035H"
RUN = """
import json, sys, os
from airflow.utils import db
db.initdb()
from airflow.dag_processing.dagbag import DagBag
from datetime import timedelta
from exchange_hub.core.breaker import Health
from exchange_hub.core.clock import system_now
from exchange_hub.flows.context import open_hub
from warehouse import channels

def let_rest(platform, hours):
    now = system_now()
    with open_hub().database() as conn:
        channels.lock(conn, platform)
        channels.save(conn, platform, Health(3, now, "x", "x", now + timedelta(hours=hours)))
        conn.commit()

bag = DagBag(sys.argv[1])
states = {}
for asked in sys.argv[2:]:
    dag_id, _, conf = asked.partition(" ")
    chosen = json.loads(conf or "{}")
    if "rests" in chosen:
        let_rest(chosen["rests"], 1)
    run = bag.dags[dag_id].test(run_conf=chosen)
    if "rests" in chosen:
        let_rest(chosen["rests"], 0)
    instances = run.get_task_instances()
    states[asked] = {"run": str(run.state), "tasks": sorted([t.task_id, t.map_index, str(t.state)] for t in instances)}

from airflow.listeners.listener import get_listener_manager
from airflow.models.pool import Pool

class Begun:  # all that the listener asks of a run
    dag_id = "exchange_41010001"

def begin():
    get_listener_manager().hook.on_dag_run_running(dag_run=Begun, msg="started")
    return Pool.get_pool("exchange_41010001").slots

made = begin()
Pool.create_or_update_pool("exchange_41010001", 9, "", include_deferred=False)
print("STATES " + json.dumps({"pool": [made, begin()], **states}))
"""


PLATFORM_RUNS = ("exchange_41010001", "exchange_41030001", "exchange_41130001")
LAKE = "lake_publish"
RESTING = f'exchange_41030001 {{"rests": "{LUOYANG}"}}'
TODAY = system_now().date()
DAYS = [TODAY.isoformat(), (TODAY + timedelta(days=1)).isoformat()]
BACKFILL = f'rerun {{"since": "{DAYS[0]}", "until": "{DAYS[1]}", "only_unfinished": false}}'
OTHERS = ("deadlines", "arrivals", RESTING, "rerun", BACKFILL, LAKE)


def sent(folder: Path, platform: str, batch_no: str, seed: int, **options: Any) -> None:
    write_package(folder / batch_no, SampleOptions(platform=platform, seed=seed, batch_no=batch_no, **options))
    submit(folder / batch_no, platform)


@pytest.fixture(scope="module")
def told(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One run of each platform's DAG: everything that may be wrong by folder, sound packages before and behind."""
    folder = tmp_path_factory.mktemp("packages")
    sent(folder, ZHENGZHOU, "by-sftp-1", 901, format="csv", encoding="gbk")
    sent(folder, ZHENGZHOU, "by-sftp-2", 902, faults=10.0, projects=2)
    sent(folder, LUOYANG, "by-s3", 903, format="parquet")
    sent(folder, NANYANG, "dag-before", 904)
    for number, name in enumerate(BROKEN):
        options = SampleOptions(platform=NANYANG, seed=910 + number, batch_no=f"dag-{name}")
        submit(write_broken(name, folder / f"dag-{name}.zip", options), NANYANG)
    sent(folder, NANYANG, "dag-behind", 905)
    time.sleep(2.1)  # a package is ready when it has rested for two seconds
    home = tmp_path_factory.mktemp("airflow")
    dags = Path(__file__).resolve().parents[2] / "dags"
    settings = airflow_environment(home, f"sqlite:///{home}/airflow.db", 18999, AirflowKeys("k" * 40, "j" * 40))
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            RUN,
            str(dags),
            *PLATFORM_RUNS,
            "deadlines",
            "arrivals",
            RESTING,
            "rerun",
            BACKFILL,
            LAKE,
        ],
        env={**os.environ, **settings, "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    said = [line for line in done.stdout.splitlines() if line.startswith("STATES ")]
    assert said, done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads(said[0].removeprefix("STATES "))


@pytest.fixture(scope="module")
def pool(told: dict[str, Any]) -> list[int]:
    """Slots of a platform's pool: when its run had begun, and when it began again after an operator had set nine."""
    slots: list[int] = told["pool"]
    return slots


@pytest.fixture(scope="module")
def runs(told: dict[str, Any]) -> dict[str, Any]:
    """What became of each run: its state and those of its tasks."""
    return {asked: found for asked, found in told.items() if asked != "pool"}


def test_a_platforms_pool_is_made_when_its_run_begins_and_is_the_operators_from_then_on(pool: list[int]) -> None:
    assert pool == [4, 9]


def rows(hub: Hub, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with hub.database() as conn:
        return conn.execute(statement, values).fetchall()


def test_every_run_succeeds_though_packages_are_refused(runs: dict[str, Any]) -> None:
    wanted = {**dict.fromkeys(runs, "success"), "rerun": "failed"}

    assert {dag_id: found["run"] for dag_id, found in runs.items()} == wanted


def test_a_run_is_skipped_while_its_channel_rests(runs: dict[str, Any]) -> None:
    assert ["discover", -1, "skipped"] in runs[RESTING]["tasks"]
    assert {task[2] for task in runs[RESTING]["tasks"]} == {"skipped"}


def test_a_rerun_without_parameters_calls_the_operator_until_it_goes_well(hub: Hub, runs: dict[str, Any]) -> None:
    assert ["choose", -1, "failed"] in runs["rerun"]["tasks"]
    [(subject, message, by)] = rows(
        hub, "SELECT subject, message_zh, cleared_by FROM hub.alarm WHERE kind = 'task_failed'"
    )
    assert (subject, by) == ("rerun.choose", "hub")
    assert "请指定平台、批次号或日期范围" in message


def test_a_backfill_of_days_takes_up_every_platform_and_changes_nothing_that_is_done(
    hub: Hub, runs: dict[str, Any]
) -> None:
    taken = [task[2] for task in runs[BACKFILL]["tasks"] if task[0] == "take_up"]

    assert len(taken) >= len(PLATFORM_RUNS)
    assert set(taken) == {"success"}
    assert rows(
        hub, "SELECT max(n) FROM (SELECT count(*) AS n FROM hub.load WHERE kind = 'ingest' GROUP BY batch_id) x"
    ) == [(1,)]


def test_the_lake_is_published_as_far_as_was_loaded(hub: Hub, runs: dict[str, Any]) -> None:
    assert runs[LAKE]["tasks"] == [["publish", -1, "success"]]
    published = {table["dataset"]: table["versions"] for table in show_lake(hub)["tables"]}
    [(projects,)] = rows(hub, "SELECT count(*) FROM audit.record WHERE dataset = 'PROJECT'")
    assert published["PROJECT"] == projects > 0


def test_packages_travel_in_mapped_tasks_of_their_own(runs: dict[str, Any]) -> None:
    stages = ("receive", "validate", "load", "notify")
    wanted = [[f"package.{stage}", index, "success"] for stage in stages for index in (0, 1)]

    assert [task for task in runs["exchange_41010001"]["tasks"] if task[1] >= 0] == sorted(wanted)


@pytest.mark.parametrize("batch_no", ["by-sftp-1", "by-s3", "dag-before", "dag-behind"])
def test_a_sound_package_is_accepted_by_every_channel(hub: Hub, runs: dict[str, Any], batch_no: str) -> None:
    assert runs
    [(verdict, received, stored)] = rows(
        hub,
        "SELECT verdict, received, (SELECT count(*) FROM audit.record r WHERE r.batch_no = b.batch_no)"
        " FROM audit.batch b WHERE batch_no = %s",
        batch_no,
    )
    assert verdict == "accepted"
    assert stored == received > 0


def test_a_faulty_package_is_loaded_in_part_and_its_notice_lies_in_the_platforms_inbox(
    hub: Hub, runs: dict[str, Any]
) -> None:
    assert runs
    [(state, evidence, items)] = rows(
        hub, "SELECT state, evidence, items FROM audit.notice WHERE batch_no = 'by-sftp-2'"
    )
    assert state == "delivered"
    assert "sftp://" in evidence
    inbox = Path(os.environ["HUB_HOME"]) / "platforms" / "zhengzhou" / "inbox"
    assert {path.suffix for path in inbox.iterdir()} >= {".html", ".xlsx", ".json"}
    assert items > 0


@pytest.mark.parametrize("name", BROKEN)
def test_bad_input_is_refused_with_a_notice_that_names_cause_and_place(
    hub: Hub, runs: dict[str, Any], inbox: Path, name: str
) -> None:
    assert runs
    found = rows(
        hub,
        "SELECT n.notice_no, n.state, n.refusal ->> 'where', n.refusal ->> 'message_zh', b.raw_uri FROM hub.notice n"
        " JOIN hub.batch b ON b.id = n.batch_id WHERE n.refusal ->> 'code' = %s AND n.platform_code = %s"
        " AND b.channel = 'folder' AND b.received_at > now() - interval '1 hour'",
        BROKEN[name].code,
        NANYANG,
    )
    assert len(found) == 1
    notice_no, state, where, message, raw_uri = found[0]
    assert state == "delivered"
    assert where
    assert message
    assert (inbox / f"{notice_no}.html").is_file()
    assert hub.evidence.get_bytes(raw_uri)[:2] == b"PK"
    assert rows(hub, "SELECT count(*) FROM audit.record WHERE batch_no = %s", f"dag-{name}") == [(0,)]


def test_nothing_is_left_at_the_source_and_nothing_is_taken_twice(hub: Hub, runs: dict[str, Any]) -> None:
    assert runs
    drop = Path(os.environ["HUB_HOME"]) / "platforms" / "nanyang" / "drop"

    assert [path.name for path in drop.iterdir() if path.is_file()] == []
    assert len(list((drop / "refused").iterdir())) == len(BROKEN)
    assert rows(hub, "SELECT count(*) FROM audit.batch WHERE batch_no LIKE 'dag-%%' AND state = 'received'") == [(0,)]
