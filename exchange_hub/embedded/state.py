"""What the embedded stack keeps in its state folder (状态目录): generated secrets, ports, addresses.

secrets.json      generated once, mode 0600
ports.json        the ports taken last time, tried again first
stack.json        settings for the hub while the stack is up, mode 0600
connections.json  addresses and credentials of the demo platforms, mode 0600
pids/  logs/  postgres/  objects/  sftp/  platforms/  airflow/
"""

import errno
import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exchange_hub.core.errors import ServiceError

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class State:
    """The state folder. Nothing is created before `prepare`."""

    home: Path

    def folder(self, *parts: str) -> Path:
        """A private folder (0700) below the state folder, made when missing."""
        path = self.home
        for part in parts:
            path /= part
            path.mkdir(mode=0o700, exist_ok=True)
        return path

    def log(self, service: str) -> Path:
        """The log file of a service."""
        return self.home / "logs" / f"{service}.log"

    def read(self, name: str) -> dict[str, Any]:
        """A JSON object of the state folder; empty when the file is missing or unreadable."""
        try:
            value = json.loads((self.home / name).read_text("utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return value if isinstance(value, dict) else {}

    def write(self, name: str, value: Mapping[str, Any]) -> Path:
        """Replace a JSON file at once, mode 0600."""
        return write_private(self.home / name, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def write_private(path: Path, text: str) -> Path:
    """Write a file of mode 0600 so that a reader sees the old or the new text, never a part."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
    return path


def prepare(state: State) -> None:
    """Make the state folder. As root others may pass through it (0711), since PostgreSQL runs as another user.

    Raises:
        ServiceError: the folder cannot be made or written.
    """
    try:
        if not state.home.is_dir():
            state.home.mkdir(parents=True)
            state.home.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for name in ("logs", "pids"):
            state.folder(name)
        if not os.access(state.home, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise ServiceError(
            "STATE_FOLDER",
            f"无法写入状态目录 {state.home}：{error.strerror}",
            f"cannot write the state folder {state.home}: {error.strerror}; choose another with HUB_HOME",
            str(state.home),
        ) from error


def generated(state: State) -> dict[str, str]:
    """The stack's secrets, made at the first call and the same ever after. URL-safe characters only."""
    known: dict[str, str] = state.read("secrets.json")
    wanted = (
        *("postgres_password", "hub_password", "airflow_db_password"),
        *("s3_access_key", "s3_secret_key", "luoyang_access_key", "luoyang_secret_key", "zhengzhou_password"),
        *("airflow_admin_password", "airflow_secret_key", "airflow_jwt_secret", "portal_secret"),
        "metrics_token",
    )
    missing = [name for name in wanted if name not in known]
    if missing:
        # hexadecimal: survives URLs, pgpass files, S3 signatures and shells without quoting
        known |= {name: secrets.token_hex(10 if name.endswith("access_key") else 32) for name in missing}
        if "airflow_admin_password" in missing:
            known["airflow_admin_password"] = secrets.token_urlsafe(12)  # a person types this one
        state.write("secrets.json", known)
    return known


@contextmanager
def locked(state: State, say: Say) -> Iterator[None]:
    """Only one `hub up` or `hub down` at a time per state folder; a second one waits."""
    with (state.home / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("另一个 hub 命令正在运行，请稍候 / waiting for another hub command")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
