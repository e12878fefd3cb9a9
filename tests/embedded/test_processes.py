"""Child processes: found again, never mistaken for another program, all gone in the end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange_hub.core.errors import ServiceError
from exchange_hub.embedded.processes import (
    Farewell,
    Patience,
    Program,
    birth,
    kill_all,
    marked,
    running,
    start,
    stop,
    strays,
    tail,
    wait_ready,
)
from exchange_hub.embedded.state import State, prepare

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
STUBBORN = (sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); print('on'); time.sleep(60)")
PARENT = (
    sys.executable,
    "-c",
    "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "time.sleep(60)",
)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = State(tmp_path / "home")
    prepare(made)
    yield made
    kill_all(lambda: marked(made))


def program(state: State, command: tuple[str, ...] = SLEEP, name: str = "one") -> Program:
    return Program(name, command, {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}, state.home)


def until(condition: object) -> None:
    assert callable(condition)
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_a_started_process_is_found_again_by_its_pid_file(state: State) -> None:
    pid = start(state, program(state))

    assert running(state, "one") == pid
    assert os.getsid(pid) == pid
    until(lambda: marked(state) == [pid])


def test_a_killed_process_is_not_running(state: State) -> None:
    pid = start(state, program(state))

    os.kill(pid, signal.SIGKILL)

    until(lambda: running(state, "one") is None)
    assert birth(pid) is None


def test_a_pid_used_again_by_another_program_is_not_ours_and_not_stopped(state: State) -> None:
    with subprocess.Popen(SLEEP) as stranger:
        state.write("pids/one.json", {"pid": stranger.pid, "started": "another boot:1"})

        assert running(state, "one") is None
        stop(state, {"one": Farewell(seconds=0.2)})

        assert stranger.poll() is None
        stranger.kill()


def test_an_unreadable_pid_file_means_not_running(state: State) -> None:
    (state.home / "pids" / "one.json").write_text("{", "utf-8")

    assert running(state, "one") is None


def test_stop_kills_what_does_not_listen(state: State) -> None:
    start(state, program(state, STUBBORN))
    until(lambda: tail(state.log("one")) == ["on"])

    stop(state, {"one": Farewell(seconds=0.5)})

    assert running(state, "one") is None
    until(lambda: marked(state) == [])


def test_stop_takes_the_children_along(state: State) -> None:
    start(state, program(state, PARENT))
    until(lambda: len(marked(state)) == 2)

    stop(state, {"one": Farewell(seconds=5)})

    until(lambda: marked(state) == [])


def test_the_children_of_a_killed_process_are_strays(state: State) -> None:
    pid = start(state, program(state, PARENT))
    until(lambda: len(marked(state)) == 2)
    assert strays(state, ["one"]) == []

    os.kill(pid, signal.SIGKILL)

    until(lambda: len(strays(state, ["one"])) == 1)


def test_another_stacks_processes_are_left_alone(state: State, tmp_path: Path) -> None:
    other = State(tmp_path / "other")
    prepare(other)
    pid = start(other, program(other))

    assert kill_all(lambda: marked(state)) == []

    assert running(other, "one") == pid
    stop(other, {"one": Farewell(seconds=2)})


def test_a_service_that_ends_at_once_names_its_log(state: State) -> None:
    start(state, program(state, (sys.executable, "-c", "raise SystemExit('no such disk')")))

    with pytest.raises(ServiceError) as caught:
        wait_ready(state, "one", lambda: False, Patience(time.monotonic() + 10))

    assert caught.value.where == str(state.log("one"))
    assert tail(state.log("one")) == ["no such disk"]


def test_a_service_that_never_answers_is_given_up_in_time(state: State) -> None:
    start(state, program(state))

    with pytest.raises(ServiceError, match="did not become ready in time"):
        wait_ready(state, "one", lambda: False, Patience(time.monotonic() + 0.3))


def test_a_program_that_does_not_exist_is_a_clear_error(state: State) -> None:
    with pytest.raises(ServiceError, match="cannot start one"):
        start(state, program(state, ("/nonexistent/program",)))
