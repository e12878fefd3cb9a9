"""What Airflow makes of dags/: real parsing in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from exchange_hub.embedded.airflow import AirflowKeys, airflow_environment

pytestmark = pytest.mark.airflow

PARSE = """
import json, sys
from datetime import datetime, time
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.flows.timetable import next_run
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
heavy = [m for m in ("polars", "paramiko") if m in sys.modules]
runs = [datetime(2026, 9, 29, 0, 5, tzinfo=SHANGHAI)]
while len(runs) < 7:
    runs.append(next_run(runs[-1], time(0, 5)))
from exchange_hub.core import errors
FAULTS = {"card": errors.ConfigurationError, "parameters": errors.UsageError, "packages": errors.PackagesFailed,
    "service": errors.ServiceError, "delivery": errors.DeliveryError}
retries = {}
for dag_id, one in bag.dags.items():
    for each in one.tasks:
        if each.task_id in ("discover", "package.load", "publish", "keep_time", "take_up"):
            decided = {n: each.retry_policy.evaluate(f("X", "", ""), 1, 2).action.value for n, f in FAULTS.items()}
            decided["lost line"] = each.retry_policy.evaluate(ConnectionResetError(), 1, 2).action.value
            retries[each.task_id] = [each.retries, decided]
print(json.dumps({"retries": retries, "pools": {i: sorted({t.pool for t in d.tasks}) for i, d in bag.dags.items()},
    "runs": [f"{run:%m-%d %H:%M}" for run in runs[1:]],
    "timetable": bag.dags["deadlines"].timetable.summary, "errors": bag.import_errors,
    "tasks": {i: sorted(d.task_ids) for i, d in bag.dags.items()},
    "documented": [i for i, d in bag.dags.items() if d.doc_md], "heavy": heavy}))
"""


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[str]]]:
    home = tmp_path_factory.mktemp("airflow")
    dags = Path(__file__).resolve().parents[2] / "dags"
    settings = airflow_environment(home, f"sqlite:///{home}/airflow.db", 18999, AirflowKeys("k" * 40, "j" * 40))
    done = subprocess.run(
        [sys.executable, "-c", PARSE, str(dags)],
        env={**os.environ, **settings, "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    document: dict[str, dict[str, list[str]]] = json.loads(done.stdout.splitlines()[-1])
    return document


def test_every_dag_file_parses(parsed: dict[str, dict[str, list[str]]]) -> None:
    assert parsed["errors"] == {}


def test_there_is_one_documented_dag_for_each_platform_and_those_of_the_clock(
    parsed: dict[str, dict[str, list[str]]],
) -> None:
    wanted = {
        "exchange_41010001",
        "exchange_41030001",
        "exchange_41130001",
        "deadlines",
        "deliveries",
        "rerun",
        "arrivals",
        "lake_publish",
    }

    assert set(parsed["tasks"]) == wanted
    assert set(parsed["documented"]) == wanted


def test_a_platforms_dag_takes_packages_through_the_four_stages(parsed: dict[str, dict[str, list[str]]]) -> None:
    stages = {"discover", "package.receive", "package.validate", "package.load", "package.notify"}

    assert set(parsed["tasks"]["exchange_41010001"]) == stages


def test_parsing_loads_no_heavy_library(parsed: dict[str, dict[str, list[str]]]) -> None:
    assert parsed["heavy"] == []


def test_the_clock_runs_on_working_days_and_the_days_after_them(parsed: dict[str, Any]) -> None:
    # National Day is from 1 to 7 October; 10 October is a Saturday on which one works
    assert parsed["runs"] == [f"{day} 00:05" for day in ("09-30", "10-01", "10-08", "10-09", "10-10", "10-11")]
    assert parsed["timetable"] == "00:05 工作日 working days"


def test_what_may_pass_is_tried_again_and_what_is_final_is_not(parsed: dict[str, Any]) -> None:
    final, passing = ("card", "parameters", "packages"), ("service", "delivery", "lost line")
    wanted = {**dict.fromkeys(final, "fail"), **dict.fromkeys(passing, "default")}

    assert set(parsed["retries"]) == {"discover", "package.load", "publish", "keep_time", "take_up"}
    assert all(found == [2, wanted] for found in parsed["retries"].values())


def test_each_platform_has_a_pool_of_its_own(parsed: dict[str, Any]) -> None:
    of_platforms = {dag_id: pools for dag_id, pools in parsed["pools"].items() if dag_id.startswith("exchange_")}

    assert of_platforms
    assert all(pools == [dag_id] for dag_id, pools in of_platforms.items())
