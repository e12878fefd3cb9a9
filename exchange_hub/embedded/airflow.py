"""Airflow 3.3 (编排引擎) as four processes over the stack's own PostgreSQL.

`airflow_environment` is the one place where its settings are said; the DAG tests use it too. Airflow is never
imported here: it costs three seconds.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

import psycopg

from exchange_hub.core.errors import ServiceError
from exchange_hub.core.settings import ROOT
from exchange_hub.embedded import postgres
from exchange_hub.embedded.portal import get
from exchange_hub.embedded.processes import MARKER, Farewell, Patience, Program, running, start, wait_ready
from exchange_hub.embedded.state import State
from exchange_hub.embedded.surroundings import base_environment

HOST = "127.0.0.1"
FAREWELL = Farewell(seconds=8.0)  # a task that runs is cut off and tried again
PROCESSES: Mapping[str, tuple[str, ...]] = {  # name of the service: arguments of the command airflow
    "airflow-api": ("api-server",),
    "airflow-scheduler": ("scheduler", "--skip-serve-logs"),  # all on one machine: logs are read as files
    "airflow-dag-processor": ("dag-processor",),
    "airflow-triggerer": ("triggerer", "--skip-serve-logs"),
}
PARTS: Mapping[str, str] = {  # name of the service: its part in the health page
    "airflow-api": "metadatabase",
    "airflow-scheduler": "scheduler",
    "airflow-dag-processor": "dag_processor",
    "airflow-triggerer": "triggerer",
}


@dataclass(frozen=True, slots=True)
class AirflowKeys:
    """Secrets that all of Airflow's processes share."""

    secret_key: str
    jwt_secret: str


def airflow_environment(
    folder: Path,
    database_url: str,
    port: int,
    keys: AirflowKeys,
    dags: Path | None = None,
    plugins: Path | None = None,
) -> dict[str, str]:
    """Airflow's settings as environment variables.

    Args:
        folder: AIRFLOW_HOME: task logs, generated configuration, password file.
        database_url: SQLAlchemy URL of the metadata (postgresql+psycopg://… or sqlite:///…).
        port: of the API server on 127.0.0.1.
        keys: secrets that all processes share.
        dags: folder of DAG files; default: dags/ of the checkout, an empty folder where there is none.
        plugins: folder of plugin files; default: plugins/ likewise.
    """
    base = f"http://{HOST}:{port}"
    return {
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "16",  # measured: half the time of 4, little more memory
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags or _ours("dags", folder)),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins or _ours("plugins", folder)),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{base}/execution/",
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database_url,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE": "5",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW": "10",
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": base,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": keys.secret_key,
        "AIRFLOW__API_AUTH__JWT_SECRET": keys.jwt_secret,
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",  # seconds until a new DAG file is seen
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",  # seconds until a changed one is read again
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(folder / "logs"),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }


def environment(state: State, port: int, database_port: int, secrets: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of the stack's Airflow processes."""
    address = postgres.url(
        "airflow", secrets["airflow_db_password"], database_port, "airflow", scheme="postgresql+psycopg"
    )
    keys = AirflowKeys(secrets["airflow_secret_key"], secrets["airflow_jwt_secret"])
    return base_environment(state) | airflow_environment(state.home / "airflow", address, port, keys)


def password_file(state: State) -> Path:
    """The file with the password of the user admin, mode 0600."""
    return state.home / "airflow" / "passwords.json"


def migrate(state: State, settings: Mapping[str, str], database_port: int, secrets: Mapping[str, str]) -> None:
    """Bring Airflow's metadata to the installed version; skipped (6 s saved) when it is there already.

    Raises:
        ServiceError: the migration failed; `where` is its log.
    """
    state.folder("airflow", "logs")
    if not password_file(state).is_file():
        state.write("airflow/passwords.json", {"admin": secrets["airflow_admin_password"]})
    now = {"airflow": version("apache-airflow-core"), "revision": _revision(database_port, secrets)}
    if now["revision"] is not None and state.read("airflow/migrated.json") == now:
        return
    log = state.log("airflow-migrate")
    with log.open("ab") as output:
        done = subprocess.run(
            [sys.executable, "-m", "airflow", "db", "migrate"],
            env={**settings, MARKER: str(state.home)},
            cwd=state.home / "airflow",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            check=False,
        )
    if done.returncode != 0:
        raise ServiceError("AIRFLOW_MIGRATION", "Airflow 数据库升级失败", "airflow db migrate failed", str(log))
    state.write("airflow/migrated.json", {**now, "revision": _revision(database_port, secrets)})


def launch(state: State, port: int, settings: Mapping[str, str], patience: Patience) -> None:
    """Start those of the four processes that do not run, and wait until the health page calls all of them well.

    Raises:
        ServiceError: one of them does not start.
    """
    for name, arguments in PROCESSES.items():
        if running(state, name) is None:
            command = (sys.executable, "-m", "airflow", *arguments)
            start(state, Program(name, command, settings, state.home / "airflow"))
    for name in PROCESSES:
        wait_ready(state, name, partial(_is_healthy, state, port, name), patience, pause=0.5)


def _is_healthy(state: State, port: int, name: str) -> bool:
    return healthy(state, port)[name]


def healthy(state: State, port: int) -> dict[str, bool]:
    """For each of the four services: whether the API server calls it well since its present start."""
    body = get(port, "/api/v2/monitor/health")
    if body is None:
        return dict.fromkeys(PROCESSES, False)
    page = json.loads(body)
    return {name: _well(page.get(part) or {}, part, _started_at(state, name)) for name, part in PARTS.items()}


def _well(said: Mapping[str, str | None], part: str, started_at: float) -> bool:
    """A heartbeat from before the present start says nothing."""
    if said.get("status") != "healthy":
        return False
    beat = said.get(f"latest_{part}_heartbeat")
    return part == "metadatabase" or (beat is not None and datetime.fromisoformat(beat).timestamp() >= started_at)


def _started_at(state: State, name: str) -> float:
    return float(state.read(f"pids/{name}.json").get("at", 0.0))


def _ours(name: str, folder: Path) -> Path:
    if (ROOT / name).is_dir():
        return ROOT / name
    empty = folder / name
    empty.mkdir(mode=0o700, parents=True, exist_ok=True)
    return empty


def _revision(database_port: int, secrets: Mapping[str, str]) -> str | None:
    """The migration that Airflow's database is at; None when it is empty."""
    address = postgres.url("airflow", secrets["airflow_db_password"], database_port, "airflow")
    with psycopg.connect(address, connect_timeout=3) as connection:
        found = connection.execute("select to_regclass('public.alembic_version') is not null").fetchone()
        if found is None or not found[0]:
            return None
        row = connection.execute("select version_num from alembic_version").fetchone()
        return None if row is None else str(row[0])
