"""Starting the parts of the embedded stack side by side (并行启动), each as soon as what it needs is there."""

import time
from collections.abc import Collection, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from exchange_hub.core.clock import system_now
from exchange_hub.core.errors import HubError
from exchange_hub.core.settings import settings
from exchange_hub.embedded import airflow, objects, portal, postgres, sftp
from exchange_hub.embedded.processes import Patience, running, tail
from exchange_hub.embedded.state import Say, State
from exchange_hub.embedded.status import address_of


@dataclass(frozen=True, slots=True)
class Plan:
    """One `hub up`: what it needs to know."""

    state: State
    wanted: frozenset[str]
    ports: Mapping[str, int]
    secrets: Mapping[str, str]
    patience: Patience
    say: Say


def members_of(part: str) -> tuple[str, ...]:
    """The services that a part consists of."""
    return tuple(airflow.PROCESSES) if part == "airflow" else (part,)


def start_all(plan: Plan) -> None:
    """Every part in a thread of its own; Airflow and the portal wait for the parts that they need.

    Raises:
        HubError: a part did not start; what else was begun goes on running.
    """
    with ThreadPoolExecutor(max_workers=8) as pool:
        database = pool.submit(_with_postgres, plan)
        store = pool.submit(_with_objects, plan)
        warehouse = pool.submit(_with_warehouse, plan, database)
        rest = [
            pool.submit(_with_sftp, plan),
            pool.submit(_with_airflow, plan, database),
            pool.submit(_with_portal, plan, (warehouse, store)),
        ]
        try:
            done, _ = wait([database, store, warehouse, *rest], return_when=FIRST_EXCEPTION)
        finally:
            # a failure, or Ctrl-C: the others need not wait any longer. After a success nobody waits.
            plan.patience.given_up = True
    for future in done:
        if (error := future.exception()) is not None:
            _show_log(plan, error)
            raise error


def _show_log(plan: Plan, error: BaseException) -> None:
    if isinstance(error, HubError) and error.where.endswith(".log"):
        plan.say(f"日志末尾 / end of {error.where}:")
        for line in tail(Path(error.where)):
            plan.say(f"    {line}")


def _missing(plan: Plan, part: str) -> bool:
    return part in plan.wanted and any(running(plan.state, name) is None for name in members_of(part))


def _told(plan: Plan, part: str, begun: float) -> None:
    address = address_of("airflow-api" if part == "airflow" else part, plan.ports)
    plan.say(f"  {part:<9} 就绪 ready {time.monotonic() - begun:5.1f} s  {address}")


def _with_postgres(plan: Plan) -> None:
    if "postgres" not in plan.wanted:
        return
    begun = time.monotonic()
    started = _missing(plan, "postgres")
    if started:
        plan.say("启动数据库 / starting PostgreSQL 18")
        postgres.launch(plan.state, plan.ports["postgres"], plan.secrets)
    postgres.wait_until_ready(plan.state, plan.ports["postgres"], plan.secrets, plan.patience)
    postgres.ensure_databases(plan.state, plan.ports["postgres"], plan.secrets)
    if started:
        _told(plan, "postgres", begun)


def _with_warehouse(plan: Plan, database: Future[None]) -> None:
    database.result()
    if "postgres" not in plan.wanted:
        return
    from exchange_hub.flows.prepare import prepare_warehouse

    begun = time.monotonic()
    address = postgres.url("hub", plan.secrets["hub_password"], plan.ports["postgres"], "hub")
    prepare_warehouse(address, settings(), system_now())
    plan.say(f"  数据仓库结构就绪 warehouse schema ready {time.monotonic() - begun:5.1f} s")


def _with_objects(plan: Plan) -> None:
    if _missing(plan, "s3"):
        begun = time.monotonic()
        plan.say("启动对象存储 / starting the S3 store")
        objects.launch(plan.state, plan.ports, plan.secrets, plan.patience)
        _told(plan, "s3", begun)


def _with_sftp(plan: Plan) -> None:
    if _missing(plan, "sftp"):
        begun = time.monotonic()
        plan.say("启动 SFTP / starting the demo platforms' SFTP server")
        sftp.launch(plan.state, plan.ports["sftp"], plan.secrets, plan.patience)
        _told(plan, "sftp", begun)


def _with_airflow(plan: Plan, database: Future[None]) -> None:
    database.result()
    if not _missing(plan, "airflow"):
        return
    begun = time.monotonic()
    plan.say("启动 Airflow（首次约 30 秒）/ starting Airflow, about 30 s the first time")
    port, database_port = plan.ports["airflow"], plan.ports["postgres"]
    settings = airflow.environment(plan.state, port, database_port, plan.secrets)
    airflow.migrate(plan.state, settings, database_port, plan.secrets)
    airflow.launch(plan.state, port, settings, plan.patience)
    _told(plan, "airflow", begun)


def _with_portal(plan: Plan, needed: Collection[Future[None]]) -> None:
    for future in needed:
        future.result()
    if _missing(plan, "portal"):
        begun = time.monotonic()
        plan.say("启动门户 / starting the portal")
        portal.ensure_admin(settings().database(), plan.say)
        portal.launch(plan.state, plan.ports["portal"], plan.patience)
        _told(plan, "portal", begun)
