"""What may happen to a running hub: each function strikes once, and lets the service come back."""

import contextlib
import os
import random
import signal
import time
from pathlib import Path

import psutil

from exchange_hub.embedded import objects, postgres, stack
from exchange_hub.embedded.processes import running, stop
from exchange_hub.embedded.state import State

SERVICES = ("postgres", "s3", "sftp")


def revive() -> None:
    """Start the services that are missing."""
    stack.up(SERVICES, lambda _: None)


def kill_service(home: Path, name: str) -> None:
    """`kill -9` of a service's main process, then its restart by an operator."""
    pid = running(State(home), name)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
    revive()


def kill_backend(home: Path, rng: random.Random) -> bool:
    """`kill -9` of one of the database's own processes: the server recovers by itself. False when there was none."""
    server = running(State(home), postgres.NAME)
    children = psutil.Process(server).children() if server is not None else []
    if not children:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(rng.choice(children).pid, signal.SIGKILL)
    return True


def restart_database(home: Path) -> None:
    """An orderly restart, as for an upgrade: sessions are ended."""
    stop(State(home), {postgres.NAME: postgres.FAREWELL})
    revive()


def without_store(home: Path, seconds: float) -> None:
    """The S3 store is gone for a while."""
    pid = running(State(home), "s3")
    if pid is not None:
        os.killpg(pid, signal.SIGKILL)
    time.sleep(seconds)
    revive()


def without_space(home: Path, seconds: float) -> None:
    """The disk that holds everything is full to the last byte for a while. Only on a volume of our own.

    Then the store is started anew, as docs/runbook/disk-full.md says: it refuses to write though there is room again.
    """
    ballast = home / "ballast"
    until = time.monotonic() + seconds
    with ballast.open("wb") as file:
        while time.monotonic() < until:
            free = os.statvfs(home).f_bavail * os.statvfs(home).f_frsize
            with contextlib.suppress(OSError):
                if free:
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), free)
            time.sleep(0.1)
    ballast.unlink()
    stop(State(home), {objects.NAME: objects.FAREWELL})
    revive()
