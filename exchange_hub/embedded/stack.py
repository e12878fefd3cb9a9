"""The embedded stack as a whole: up, down, status."""

import shutil
import time
from collections.abc import Collection, Mapping
from functools import partial

from exchange_hub.core.errors import ServiceError, UsageError
from exchange_hub.core.settings import home
from exchange_hub.embedded import addresses, airflow, objects, portal, postgres, postgres_place, sftp
from exchange_hub.embedded.ports import asked, assign, is_free
from exchange_hub.embedded.processes import Farewell, Patience, kill_all, marked, running, stop, strays
from exchange_hub.embedded.reservations import open_book
from exchange_hub.embedded.starting import Plan, members_of, start_all
from exchange_hub.embedded.state import Say, State, generated, locked, prepare
from exchange_hub.embedded.status import LABELS, StackStatus, read_status

PARTS = ("postgres", "s3", "sftp", "airflow", "portal")  # what `--only` may name
NEEDS: Mapping[str, tuple[str, ...]] = {"airflow": ("postgres",), "portal": ("postgres", "s3")}
FRONT: Mapping[str, Farewell] = {  # stopped first: most of them use the database
    portal.NAME: portal.FAREWELL,
    **dict.fromkeys(airflow.PROCESSES, airflow.FAREWELL),
    sftp.NAME: sftp.FAREWELL,
    objects.NAME: objects.FAREWELL,
}
BACK: Mapping[str, Farewell] = {postgres.NAME: postgres.FAREWELL}


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
        start_all(Plan(state, wanted, taken, secrets, Patience(time.monotonic() + timeout), say))
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


def _serves(state: State, name: str, wanted: Collection[str]) -> bool:
    """Whether this part is to run or runs: only then its address goes into stack.json."""
    return name in wanted or any(running(state, member) is not None for member in members_of(name))


def _choose_ports(state: State, wanted: Collection[str], wishes: Mapping[str, int]) -> dict[str, int]:
    last: dict[str, int] = state.read("ports.json")
    missing: list[str] = []
    for part in PARTS:
        if part not in wanted:
            continue
        if any(running(state, member) is not None for member in members_of(part)) and part in last:
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
