"""What runs: the answer of `hub status`, for a person and as JSON."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from exchange_hub.embedded import airflow, objects, portal, postgres, sftp
from exchange_hub.embedded.postgres_place import wheel_programs
from exchange_hub.embedded.processes import running
from exchange_hub.embedded.state import State

# name of the service: what it is, Chinese and English, in the order of printing
LABELS: Mapping[str, tuple[str, str]] = {
    postgres.NAME: ("数据库 PostgreSQL 18", "database"),
    objects.NAME: ("对象存储 S3", "object store"),
    sftp.NAME: ("示例平台 SFTP", "demo platforms' SFTP"),
    "airflow-api": ("Airflow 界面与接口", "web pages and API"),
    "airflow-scheduler": ("Airflow 调度器", "scheduler"),
    "airflow-dag-processor": ("Airflow 流程解析器", "DAG processor"),
    "airflow-triggerer": ("Airflow 触发器", "triggerer"),
    portal.NAME: ("门户", "portal"),
}


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One service."""

    name: str
    label_zh: str
    label_en: str
    running: bool
    healthy: bool
    address: str | None  # None where nothing listens
    pid: int | None
    log: str


@dataclass(frozen=True, slots=True)
class StackStatus:
    """The whole stack."""

    home: str
    services: tuple[ServiceStatus, ...]
    psql: Mapping[str, str | int] | None  # program, host, port, user, dbname, passfile; None when down
    airflow_user: str | None
    airflow_password_file: str | None

    @property
    def up(self) -> bool:
        """Whether at least one service runs and each that runs is well."""
        alive = [service for service in self.services if service.running]
        return bool(alive) and all(service.healthy for service in alive)

    def service(self, name: str) -> ServiceStatus:
        """The service of that name."""
        return next(service for service in self.services if service.name == name)

    def as_json(self) -> dict[str, Any]:
        """Plain values; holds no secret."""
        return {**asdict(self), "up": self.up}

    def database_url(self, *, with_password: bool = False) -> str | None:
        """Address of the warehouse; its password only when asked for. None when PostgreSQL is down."""
        if self.psql is None:
            return None
        password = f":{_hub_password(State(Path(self.home)))}" if with_password else ""
        hint = self.psql
        return f"postgresql://{hint['user']}{password}@{hint['host']}:{hint['port']}/{hint['dbname']}"


def read_status(state: State) -> StackStatus:
    """Look at every service; takes at most a few seconds, changes nothing."""
    ports: dict[str, int] = state.read("ports.json")
    with ThreadPoolExecutor(max_workers=5) as pool:
        health = pool.submit(_airflow_health, state, ports)
        probes = {name: pool.submit(_answers, state, name, ports) for name in ("postgres", "s3", "sftp", "portal")}
    healthy = {name: probe.result() for name, probe in probes.items()} | health.result()
    services = tuple(_service(state, name, ports, healthy[name]) for name in LABELS)
    alive = {service.name for service in services if service.running}
    passwords = airflow.password_file(state)
    return StackStatus(
        home=str(state.home),
        services=services,
        psql=_psql(state, ports) if postgres.NAME in alive else None,
        airflow_user="admin" if passwords.is_file() else None,
        airflow_password_file=str(passwords) if passwords.is_file() else None,
    )


def address_of(name: str, ports: Mapping[str, int]) -> str | None:
    """Where a service listens."""
    key = "airflow" if name == "airflow-api" else name
    if key not in ports:
        return None
    scheme = {"postgres": "postgresql", "sftp": "sftp"}.get(key, "http")
    tail = "/hub" if key == "postgres" else ""
    return f"{scheme}://127.0.0.1:{ports[key]}{tail}"


def _service(state: State, name: str, ports: Mapping[str, int], healthy: bool) -> ServiceStatus:
    pid = running(state, name)
    return ServiceStatus(
        name=name,
        label_zh=LABELS[name][0],
        label_en=LABELS[name][1],
        running=pid is not None,
        healthy=pid is not None and healthy,
        address=address_of(name, ports) if pid is not None else None,
        pid=pid,
        log=str(state.log(name)),
    )


def _answers(state: State, name: str, ports: Mapping[str, int]) -> bool:
    if running(state, name) is None or name not in ports:
        return False
    port = ports[name]
    match name:
        case "postgres":
            return postgres.answers(port, "hub", _hub_password(state), "hub")
        case "s3":
            return portal.get(port, "/healthz") is not None
        case "sftp":
            return sftp.greets(port)
        case _:
            return portal.get(port, "/api/v1/healthz") is not None


def _airflow_health(state: State, ports: Mapping[str, int]) -> dict[str, bool]:
    if "airflow" not in ports or running(state, "airflow-api") is None:
        return dict.fromkeys(airflow.PROCESSES, False)
    return airflow.healthy(state, ports["airflow"])


def _psql(state: State, ports: Mapping[str, int]) -> dict[str, str | int]:
    return {
        "program": str(wheel_programs() / "psql"),  # comes with the wheel: no client needs to be installed
        "host": postgres.HOST,
        "port": ports[postgres.NAME],
        "user": "hub",
        "dbname": "hub",
        "passfile": str(state.home / "pgpass"),
    }


def _hub_password(state: State) -> str:
    return str(state.read("secrets.json").get("hub_password", ""))
