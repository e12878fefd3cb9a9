"""The portal (门户) as a service of the stack: uvicorn in a process of its own, where the portal is installed."""

import http.client
import importlib.util
import sys
from pathlib import Path

from exchange_hub.core.clock import system_now
from exchange_hub.embedded.processes import Farewell, Patience, Program, start, wait_ready
from exchange_hub.embedded.state import Say, State
from exchange_hub.embedded.surroundings import base_environment

NAME = "portal"
HOST = "127.0.0.1"
FAREWELL = Farewell(seconds=8.0)
APPLICATION = "exchange_hub.portal.app"


def installed() -> bool:
    """Whether there is a portal to start."""
    return importlib.util.find_spec(APPLICATION) is not None


def launch(state: State, port: int, patience: Patience) -> None:
    """Start the portal and wait until it says that it is well.

    Raises:
        ServiceError: it does not start.
    """
    command = (sys.executable, "-m", "uvicorn", f"{APPLICATION}:app", "--host", HOST, "--port", str(port))
    start(state, Program(NAME, command, base_environment(state), Path(state.home)))
    wait_ready(state, NAME, lambda: get(port, "/api/v1/healthz") is not None, patience)


def ensure_admin(database_url: str, say: Say) -> None:
    """Make the first administrator's account where there is none, and say its password this once."""
    from exchange_hub.flows.accounts import FIRST_ADMIN, ensure_first_admin
    from warehouse.connection import connect

    with connect(database_url) as connection:
        password = ensure_first_admin(connection, system_now())
    if password is not None:
        said = f"门户管理员 {FIRST_ADMIN} 的口令（只显示这一次）/ portal: password of {FIRST_ADMIN}, shown this once"
        say(f"{said}: {password}")


def get(port: int, path: str, seconds: float = 3.0) -> bytes | None:
    """Body of a page on this machine answered with 200; None otherwise. No proxy is asked."""
    connection = http.client.HTTPConnection(HOST, port, timeout=seconds)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.read() if answer.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
