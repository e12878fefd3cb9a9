"""Child processes that outlive `hub up`: started in a session of their own, found again by pid file and marker.

A pid file holds the pid and the time at which that process started, so that a pid used again by another program
is never signalled. Each process also carries `HUB_STACK=<state folder>` in its environment: whatever lost its pid
file (or its parent) is still found.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from exchange_hub.core.errors import ServiceError
from exchange_hub.embedded.state import State

MARKER = "HUB_STACK"
_children: dict[int, subprocess.Popen[bytes]] = {}  # started by this very process; kept so that they can be reaped


@dataclass(frozen=True, slots=True)
class Program:
    """How to start one process."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path  # working directory
    user: tuple[int, int] | None = None  # uid and gid to run as; None: as we are


@dataclass(frozen=True, slots=True)
class Farewell:
    """How to stop a process: the polite signal, and the seconds until it is killed."""

    polite: signal.Signals = signal.SIGTERM
    seconds: float = 12.0


@dataclass(slots=True)
class Patience:
    """How long a start may take, and whether another part has already failed."""

    until: float
    given_up: bool = field(default=False)

    def wait(self, seconds: float) -> bool:
        """Sleep a little; false when the time is over or the start was given up."""
        if self.given_up or time.monotonic() >= self.until:
            return False
        time.sleep(seconds)
        return True


def start(state: State, program: Program) -> int:
    """Start a process in its own session, its output appended to its log. Returns the pid.

    Raises:
        ServiceError: the program cannot be executed.
    """
    log = state.log(program.name)
    user, group = program.user or (None, None)
    environment = {**program.environment, MARKER: str(state.home)}
    with log.open("ab") as output:
        try:
            child = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=program.folder,
                env=environment,
                start_new_session=True,
                user=user,
                group=group,
                extra_groups=None if program.user is None else [],
            )
        except OSError as error:
            raise ServiceError(
                "CANNOT_START",
                f"无法启动 {program.name}：{error.strerror}",
                f"cannot start {program.name}: {error.strerror} ({program.command[0]})",
                str(log),
            ) from error
    _children[child.pid] = child
    state.write(f"pids/{program.name}.json", {"pid": child.pid, "started": birth(child.pid), "at": time.time()})
    return child.pid


def birth(pid: int) -> str | None:
    """When a live process started, as a text that no other process of that pid shares; None when it is gone."""
    if (child := _children.get(pid)) is not None and child.poll() is not None:
        del _children[pid]
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except (FileNotFoundError, ProcessLookupError):
        return None if Path("/proc/self/stat").exists() else _birth_by_psutil(pid)
    return None if stat[0] in "ZX" else f"{boot}:{stat[19]}"  # fields 3 and 22 of proc_pid_stat(5)


def _birth_by_psutil(pid: int) -> str | None:
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else str(process.create_time())
    except psutil.NoSuchProcess:
        return None


def running(state: State, name: str) -> int | None:
    """Pid of the live process that the pid file names; None when there is none."""
    noted = state.read(f"pids/{name}.json")
    pid = noted.get("pid")
    if not isinstance(pid, int) or noted.get("started") is None:
        return None
    return pid if birth(pid) == noted["started"] else None


def marked(state: State, data_folder: Path | None = None) -> list[int]:
    """Pids of all live processes of this stack, whether a pid file knows them or not.

    PostgreSQL's backends overwrite their environment: they are found by their working directory.
    """
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter():
        if process.pid in own:
            continue
        with contextlib.suppress(psutil.Error, OSError):
            here = process.environ().get(MARKER) == str(state.home)
            if not here and data_folder is not None:
                here = process.name().startswith("postgres") and process.cwd() == str(data_folder)
            if here and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


def strays(state: State, names: Collection[str], data_folder: Path | None = None) -> list[int]:
    """Processes of this stack that belong to no live service: children of a killed one, or pid file lost."""
    heads = {pid for name in names if (pid := running(state, name)) is not None}
    lost = []
    for pid in marked(state, data_folder):
        with contextlib.suppress(psutil.Error, OSError):
            family = {pid, os.getsid(pid), *(parent.pid for parent in psutil.Process(pid).parents())}
            if not family & heads:
                lost.append(pid)
    return lost


def stop(state: State, ways: Mapping[str, Farewell]) -> None:
    """Stop services side by side: polite signal to the process group, wait, then kill what is left of the group."""
    begun = time.monotonic()
    left = {name: pid for name in ways if (pid := running(state, name)) is not None}
    for name, pid in left.items():
        _signal_polite(pid, ways[name].polite)
    while left:
        for name, pid in list(left.items()):
            if running(state, name) is None:
                _kill_group(pid)  # whatever the leader left behind
            elif time.monotonic() - begun > ways[name].seconds:
                _kill_group(pid)
            else:
                continue
            del left[name]
        time.sleep(0.1)
    for name in ways:
        (state.home / "pids" / f"{name}.json").unlink(missing_ok=True)


def _signal_polite(pid: int, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        if sign is signal.SIGINT:
            os.kill(pid, sign)  # PostgreSQL: the postmaster alone tells its children
        else:
            os.killpg(pid, sign)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def kill_all(find: Callable[[], Sequence[int]], seconds: float = 10.0) -> list[int]:
    """Kill what `find` finds until it finds nothing; returns what is left after the given time."""
    until = time.monotonic() + seconds
    while (left := list(find())) and time.monotonic() < until:
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)
    return left


def wait_ready(state: State, name: str, ready: Callable[[], bool], patience: Patience, pause: float = 0.1) -> None:
    """Wait until a started service answers.

    Raises:
        ServiceError: it ended, did not answer in time, or another service failed meanwhile; `where` is its log.
    """
    while True:
        if running(state, name) is None:
            raise _failed(state, name, "启动后退出", "ended right after its start")
        if ready():
            return
        if not patience.wait(pause):
            raise _failed(state, name, "未在限定时间内就绪", "did not become ready in time")


def _failed(state: State, name: str, why_zh: str, why_en: str) -> ServiceError:
    log = state.log(name)
    return ServiceError("SERVICE_FAILED", f"服务 {name} {why_zh}", f"{name} {why_en}; see its log", str(log))


def tail(log: Path, lines: int = 15) -> list[str]:
    """The last lines of a log file; empty when there is none."""
    if not log.is_file():
        return []
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_384))
        return file.read().decode("utf-8", errors="replace").splitlines()[-lines:]
