"""The distributed path, really run: a worker is killed in the middle, and every batch ends exactly once."""

import time
from pathlib import Path

import pytest

from exchange_hub.demo.airflow_api import AirflowApi
from exchange_hub.flows.context import Hub, open_hub
from exchange_hub.flows.submit import submit
from tests.chaos.outcome import broken, ended, outcome
from tests.chaos.stream import PLATFORMS, Package, make
from tests.distributed.machines import Machines, machines

pytestmark = [pytest.mark.distributed, pytest.mark.timeout(2400)]
PACKAGES = 100
IN_THE_MIDDLE = 20  # batches settled when the worker dies
PATIENCE_SECONDS = 1800.0


def test_every_batch_ends_exactly_once_though_a_worker_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "home"))
    with machines(tmp_path / "home") as running:
        hub = open_hub()
        packages = [make(tmp_path, number) for number in range(PACKAGES)]
        for package in packages:
            submit(package.path, package.platform)

        killed_at = _work_and_kill(running, hub, packages)

        assert IN_THE_MIDDLE <= killed_at < PACKAGES
        numbers = [package.batch_no for package in packages]
        assert ended(hub, numbers), outcome(hub).batches
        assert broken(hub, running.state.home, numbers) == []


def _work_and_kill(running: Machines, hub: Hub, packages: list[Package]) -> int:
    """Let Airflow work until all is settled, with one worker killed on the way; how many were settled at that moment.

    A run that failed is followed by the next one, as by the schedule.
    """
    dags = [f"exchange_{hub.platform(code).short_code}" for code in PLATFORMS]
    numbers = [package.batch_no for package in packages]
    killed_at, until = -1, time.monotonic() + PATIENCE_SECONDS
    with running.api() as airflow:
        airflow.wait_for_dags(dags, 180)
        while not ended(hub, numbers) and time.monotonic() < until:
            _run_what_rests(airflow, dags)
            settled = _settled(hub)
            if killed_at < 0 and settled >= IN_THE_MIDDLE:
                running.kill("worker-a")
                killed_at = settled
            time.sleep(1)
    return killed_at


def _run_what_rests(airflow: AirflowApi, dags: list[str]) -> None:
    for dag_id in dags:
        if not airflow.under_way(dag_id):
            airflow.trigger(dag_id)


def _settled(hub: Hub) -> int:
    with hub.database() as conn:
        row = conn.execute("SELECT count(*) FROM audit.batch WHERE verdict IS NOT NULL").fetchone()
    return int(row[0]) if row else 0
