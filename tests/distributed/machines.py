"""A hub on several machines, here as separate processes: scheduler, two Celery workers, Redis, PostgreSQL, S3, SFTP.

The settings are the embedded stack's with another executor, and with patience cut short so that a lost worker is found
out within a minute; docs/runbook says what production uses.
"""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from exchange_hub.demo.airflow_api import AirflowApi, sign_in
from exchange_hub.embedded import airflow, postgres, stack
from exchange_hub.embedded.processes import Program, running, start
from exchange_hub.embedded.state import State, generated

SERVICES = ("postgres", "s3", "sftp")
WORKERS = ("worker-a", "worker-b")
SLOTS = "4"  # tasks at once in one worker
DISTRIBUTED: Mapping[str, str] = {
    "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
    "AIRFLOW__CELERY__WORKER_CONCURRENCY": SLOTS,
    "AIRFLOW__CELERY__WORKER_PREFETCH_MULTIPLIER": "1",  # what a worker has fetched and not begun dies with it
    "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "60",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "40",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "60",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
}


@dataclass(frozen=True, slots=True)
class Machines:
    """What runs."""

    state: State
    environment: Mapping[str, str]
    port: int  # of Airflow's API server

    @contextmanager
    def api(self) -> Iterator[AirflowApi]:
        """Airflow's REST interface, signed in; waits until it answers."""
        until = time.monotonic() + 180
        while not all(airflow.healthy(self.state, self.port).values()):
            if time.monotonic() > until:
                raise RuntimeError(f"Airflow is not well; see {self.state.home / 'logs'}")
            time.sleep(1)
        signed_in = sign_in(f"http://{airflow.HOST}:{self.port}", airflow.password_file(self.state))
        with closing(signed_in.client):  # it is open already
            yield signed_in

    def kill(self, worker: str) -> None:
        """`kill -9` of a worker with all its children: its machine is gone."""
        pid = running(self.state, worker)
        assert pid is not None, worker
        os.killpg(pid, signal.SIGKILL)


@contextmanager
def machines(home: Path) -> Iterator[Machines]:
    """All of them, on fresh state below `home`; everything is stopped and deleted afterwards."""
    os.environ["HUB_HOME"] = str(home)
    stack.up(SERVICES, lambda _: None)
    state = State(home)
    try:
        yield _start(state)
    finally:
        stack.down(lambda _: None, delete=True)


def _start(state: State) -> Machines:
    secrets, ports = generated(state), json.loads((state.home / "ports.json").read_text("utf-8"))
    port, redis = _free_port(), _free_port()
    result = postgres.url("airflow", secrets["airflow_db_password"], ports["postgres"], "airflow", "postgresql+psycopg")
    environment = {
        **airflow.environment(state, port, ports["postgres"], secrets),
        **DISTRIBUTED,
        "AIRFLOW__CELERY__BROKER_URL": f"redis://127.0.0.1:{redis}/0",
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{result}",
    }
    airflow.migrate(state, environment, ports["postgres"], secrets)
    folder = state.home / "airflow"
    server = str(Path(sys.executable).with_name("redis-server"))
    flags = ("--port", str(redis), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder))
    flags += ("--set-proc-title", "no")  # its title would overwrite the environment by which it is found and stopped
    start(state, Program("redis", (server, *flags), environment, folder))
    for name, arguments in airflow.PROCESSES.items():
        start(state, Program(name, (sys.executable, "-m", "airflow", *arguments), environment, folder))
    for name in WORKERS:
        logs = {"AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(_free_port())}
        command = ("airflow", "celery", "worker", "-H", name, "--pid", str(folder / f"{name}.pid"))
        start(state, Program(name, (sys.executable, "-m", *command), {**environment, **logs}, folder))
    return Machines(state, environment, port)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
