"""The SFTP service of the stack: keys, accounts, folders, start. The server itself is `sftp_server`."""

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import asyncssh

from exchange_hub.embedded.processes import Farewell, Patience, Program, start, wait_ready
from exchange_hub.embedded.state import State, write_private
from exchange_hub.embedded.surroundings import base_environment

NAME = "sftp"
HOST = "127.0.0.1"
FAREWELL = Farewell(seconds=3.0)
USER = "demo_zhengzhou"
FOLDERS = ("outgoing", "inbox")  # what the platform offers; where it receives notices


def launch(state: State, port: int, secrets: Mapping[str, str], patience: Patience) -> None:
    """Start the server and wait for its greeting.

    Raises:
        ServiceError: it does not start.
    """
    config = state.write("sftp/server.json", _configuration(state, port, secrets))
    command = (sys.executable, "-m", "exchange_hub.embedded.sftp_server", str(config))
    start(state, Program(NAME, command, base_environment(state), state.home / "sftp"))
    wait_ready(state, NAME, lambda: greets(port), patience)


def greets(port: int) -> bool:
    """Whether an SSH server greets at this port."""
    try:
        with socket.create_connection((HOST, port), timeout=2) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def host_key(state: State) -> str:
    """The server's public key as a client pins it: "ssh-ed25519 AAAA…"."""
    return _public(_key(state, "host_key"))


def private_key(state: State) -> str:
    """The platform's private key, OpenSSH text."""
    return _key(state, USER).read_text("ascii")


def _configuration(state: State, port: int, secrets: Mapping[str, str]) -> dict[str, object]:
    folder = state.folder("platforms", "zhengzhou")
    for name in FOLDERS:
        (folder / name).mkdir(exist_ok=True)
    user = {
        "name": USER,
        "password": secrets["zhengzhou_password"],
        "public_key": _public(_key(state, USER)),
        "folder": str(folder),
    }
    return {"host": HOST, "port": port, "host_key": str(_key(state, "host_key")), "users": [user]}


def _key(state: State, name: str) -> Path:
    """File of a private key, generated at first use."""
    path = state.folder("sftp") / name
    if not path.is_file():
        key = asyncssh.generate_private_key("ssh-ed25519", comment=name)
        write_private(path, key.export_private_key("openssh").decode("ascii"))
    return path


def _public(path: Path) -> str:
    key = asyncssh.read_private_key(os.fspath(path))
    return " ".join(key.export_public_key("openssh").decode("ascii").split()[:2])
