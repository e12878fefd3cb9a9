"""The demo platforms' SFTP server: a process of its own, each user locked into one folder.

    python -m exchange_hub.embedded.sftp_server CONFIG.json

The configuration: {"host", "port", "host_key": file, "users": [{"name", "password", "public_key", "folder"}]}.
"""

import asyncio
import hmac
import json
import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """One platform's account."""

    password: str
    public_key: str  # "ssh-ed25519 AAAA…"
    folder: Path


class Gate(asyncssh.SSHServer):
    """Lets known accounts in by password or key; nothing but SFTP afterwards."""

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self._accounts = accounts

    def password_auth_supported(self) -> bool:
        """Passwords are taken."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Whether the password is the account's; takes as long for an unknown name."""
        account = self._accounts.get(username)
        known = account.password if account else ""
        return hmac.compare_digest(known.encode(), password.encode()) and account is not None

    def public_key_auth_supported(self) -> bool:
        """Keys are taken."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether the key is the account's."""
        account = self._accounts.get(username)
        return account is not None and asyncssh.import_public_key(account.public_key) == key


class Locked(asyncssh.SFTPServer):
    """Files of one account; links are not made, since a link could lead out of the folder."""

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        """Refused."""
        raise asyncssh.SFTPPermissionDenied("links are not allowed here")

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        """Refused."""
        raise asyncssh.SFTPPermissionDenied("links are not allowed here")


async def serve(config: Mapping[str, Any]) -> asyncssh.SSHAcceptor:
    """Listen; returns the listener."""
    accounts = {
        user["name"]: Account(user["password"], user["public_key"], Path(user["folder"])) for user in config["users"]
    }

    def open_files(channel: asyncssh.SSHServerChannel[bytes]) -> Locked:
        name = channel.get_extra_info("username")
        return Locked(channel, chroot=os.fsencode(accounts[name].folder))

    return await asyncssh.listen(
        config["host"],
        config["port"],
        server_factory=lambda: Gate(accounts),
        server_host_keys=[config["host_key"]],
        sftp_factory=open_files,
        allow_scp=False,
        x11_forwarding=False,
        agent_forwarding=False,
    )


async def _run(config: Mapping[str, Any]) -> None:
    listener = await serve(config)
    logger.info("SFTP on %s:%s", config["host"], config["port"])
    await listener.wait_closed()


def main(arguments: list[str]) -> None:
    """Serve until the process is ended."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
    asyncio.run(_run(json.loads(Path(arguments[0]).read_text("utf-8"))))


if __name__ == "__main__":
    main(sys.argv[1:])
