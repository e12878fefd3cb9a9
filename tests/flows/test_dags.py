"""What Airflow makes of dags/: real parsing in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from exchange_hub.embedded.airflow import AirflowKeys, airflow_environment

pytestmark = pytest.mark.airflow

PARSE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
print(json.dumps({"errors": bag.import_errors, "tasks": {i: sorted(d.task_ids) for i, d in bag.dags.items()},
    "documented": [i for i, d in bag.dags.items() if d.doc_md], "heavy": [m for m in ("polars", "paramiko") if m in
    sys.modules]}))
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
    wanted = {"exchange_41010001", "exchange_41030001", "exchange_41130001", "deadlines", "deliveries", "lake_publish"}

    assert set(parsed["tasks"]) == wanted
    assert set(parsed["documented"]) == wanted


def test_a_platforms_dag_takes_packages_through_the_four_stages(parsed: dict[str, dict[str, list[str]]]) -> None:
    stages = {"discover", "package.receive", "package.validate", "package.load", "package.notify"}

    assert set(parsed["tasks"]["exchange_41010001"]) == stages


def test_parsing_loads_no_heavy_library(parsed: dict[str, dict[str, list[str]]]) -> None:
    assert parsed["heavy"] == []
