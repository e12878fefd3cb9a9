"""The embedded stack as a whole: up, down, status."""

import shutil
import time
from collections.abc import Collection, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from exchange_hub.core.clock import system_now
from exchange_hub.core.errors import HubError, ServiceError, UsageError
from exchange_hub.core.settings import home, settings
from exchange_hub.embedded import addresses, airflow, objects, portal, postgres, postgres_place, sftp
from exchange_hub.embedded.ports import asked, assign, is_free
from exchange_hub.embedded.processes import Farewell, Patience, kill_all, marked, running, stop, strays, tail
from exchange_hub.embedded.reservations import open_book
from exchange_hub.embedded.state import Say, State, generated, locked, prepare
from exchange_hub.embedded.status import LABELS, StackStatus, address_of, read_status

PARTS = ("postgres", "s3", "sftp", "airflow", "portal")  # what `--only` may name
NEEDS: Mapping[str, tuple[str, ...]] = {"airflow": ("postgres",), "portal": ("postgres", "s3")}
FRONT: Mapping[str, Farewell] = {  # stopped first: most of them use the database
    portal.NAME: portal.FAREWELL,
    **dict.fromkeys(airflow.PROCESSES, airflow.FAREWELL),
    sftp.NAME: sftp.FAREWELL,
    objects.NAME: objects.FAREWELL,
}
BACK: Mapping[str, Farewell] = {postgres.NAME: postgres.FAREWELL}


@dataclass(frozen=True, slots=True)
class Plan:
    """One `hub up`: what it needs to know."""

    state: State
    wanted: frozenset[str]
    ports: Mapping[str, int]
    secrets: Mapping[str, str]
    patience: Patience
    say: Say


def up(
    only: Collection[str] | None = None,
    say: Say = print,
    *,
    ports: Mapping[str, int] | None = None,
    timeout: float = 180.0,
) -> StackStatus:
    """Start what is missing, side by side, and wait until it is well.

    Args:
        only: parts to start (postgres, s3, sftp, airflow, portal), with those that they need; None: all.
        say: takes one line of progress.
        ports: ports asked for, by part; otherwise last time's or free ones.
        timeout: seconds for the whole.

    Raises:
        UsageError: unknown part, or a port asked for is taken.
        ServiceError: a service did not start; `where` names its log. The others go on running.
    """
    wanted = _expand(only)
    state = State(home())
    prepare(state)
    with locked(state, say):
        _clear_strays(state, say)
        secrets = generated(state)
        taken = _choose_ports(state, wanted, asked(ports or {}))
        known = {name: port for name, port in taken.items() if _serves(state, name, wanted)}
        addresses.write_stack_file(state, known, secrets)
        addresses.write_connections(state, taken, secrets)
        new_admin = "airflow" in wanted and not airflow.password_file(state).is_file()
        _start_all(Plan(state, wanted, taken, secrets, Patience(time.monotonic() + timeout), say))
    if new_admin:
        say(
            f"Airflow 管理员 admin 的口令（只显示这一次）/ password of admin, shown this once: "
            f"{secrets['airflow_admin_password']}"
        )
    return read_status(state)


def down(say: Say = print, *, delete: bool = False) -> None:
    """Stop everything of this stack; harmless when nothing runs.

    Args:
        say: takes one line of progress.
        delete: also delete the state: databases, objects, secrets, logs.

    Raises:
        ServiceError: a process does not end even when killed.
    """
    state = State(home())
    if not state.home.is_dir():  # deleted while the stack ran: end what may still be there
        found = bool(marked(state))
        _check_gone(kill_all(lambda: marked(state)))
        say("已全部停止 / everything has stopped" if found else "未在运行 / nothing is running")
        return
    prepare(state)
    with locked(state, say):
        _stop_all(state, say)
        (state.home / "stack.json").unlink(missing_ok=True)
        if delete:
            postgres_place.remove(state)
            _delete(state)
            say(f"已删除 / deleted: {state.home}")


def status() -> StackStatus:
    """What runs now; changes nothing."""
    return read_status(State(home()))


def _expand(only: Collection[str] | None) -> frozenset[str]:
    if only is None:
        return frozenset(name for name in PARTS if name != portal.NAME or portal.installed())
    unknown = sorted(set(only) - set(PARTS))
    if unknown:
        raise UsageError(
            "UNKNOWN_PART",
            f"没有这样的服务：{'、'.join(unknown)}；可选 {'、'.join(PARTS)}",
            f"no such service: {', '.join(unknown)}; there are {', '.join(PARTS)}",
        )
    if portal.NAME in only and not portal.installed():
        raise UsageError("NO_PORTAL", "未安装门户", "the portal is not installed")
    return frozenset(only) | {need for name in only for need in NEEDS.get(name, ())}


def _members(part: str) -> tuple[str, ...]:
    return tuple(airflow.PROCESSES) if part == "airflow" else (part,)


def _serves(state: State, name: str, wanted: Collection[str]) -> bool:
    """Whether this part is to run or runs: only then its address goes into stack.json."""
    return name in wanted or any(running(state, member) is not None for member in _members(name))


def _choose_ports(state: State, wanted: Collection[str], wishes: Mapping[str, int]) -> dict[str, int]:
    last: dict[str, int] = state.read("ports.json")
    missing: list[str] = []
    for part in PARTS:
        if part not in wanted:
            continue
        if any(running(state, member) is not None for member in _members(part)) and part in last:
            _refuse_move(part, last[part], wishes)
        else:
            missing += objects.PORTS if part == objects.NAME else (part,)
    with open_book(state.home) as book:
        asked_for = set(wishes.values())
        taken = assign(
            missing, last, wishes, lambda port: is_free(port) and (port in asked_for or not book.is_others(port))
        )
        book.note(taken)
    chosen = last | taken
    state.write("ports.json", chosen)
    return chosen


def _refuse_move(part: str, port: int, wishes: Mapping[str, int]) -> None:
    if wishes.get(part, port) != port:
        raise UsageError(
            "RUNS_ELSEWHERE",
            f"{part} 已在端口 {port} 上运行；请先运行 hub down",
            f"{part} already runs on port {port}; run hub down first",
            part,
        )


def _clear_strays(state: State, say: Say) -> None:
    """Children that a killed service left behind would hold its ports and files."""
    find = partial(strays, state, tuple(LABELS), postgres.data_folder(state))
    if find():
        say("清理遗留进程 / ending processes left behind by a killed service")
        _check_gone(kill_all(find))


def _check_gone(left: Collection[int]) -> None:
    if left:
        raise ServiceError(
            "PROCESS_STUCK",
            f"进程无法结束：{sorted(left)}",
            f"processes do not end even when killed: {sorted(left)}",
        )


def _start_all(plan: Plan) -> None:
    """Every part in a thread of its own; Airflow and the portal wait for the parts that they need."""
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
    return part in plan.wanted and any(running(plan.state, name) is None for name in _members(part))


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


def _stop_all(state: State, say: Say) -> None:
    data = postgres.data_folder(state)
    if not marked(state, data):
        say("未在运行 / nothing is running")
    else:
        say("停止服务 / stopping")
        stop(state, FRONT)
        stop(state, BACK)
        _check_gone(kill_all(lambda: marked(state, data)))
        say("已全部停止 / everything has stopped")
    objects.remove_sockets(state.read("ports.json"))
    with open_book(state.home) as book:
        book.forget()


def _delete(state: State) -> None:
    shutil.rmtree(state.home)
