"""Connections: address and secret behind the reference that a platform card names.

Looked for in the variable `HUB_CONN_<REFERENCE>` (JSON), then in `connections.json` of the state folder, which
`hub up` writes for the demo platforms. In production a deployment sets the variables from its secret store.
"""

import json
import os
from dataclasses import dataclass, field
from typing import Any

from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.settings import home


@dataclass(frozen=True, slots=True)
class Connection:
    """Address and credentials. `repr` shows no secret."""

    host: str = ""
    port: int = 0
    user: str = ""
    secret: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)  # OpenSSH text
    host_key: str = ""  # "ssh-ed25519 AAAA…": the only key accepted
    path: str = ""  # folder channels
    secure: bool = False


def connection(reference: str) -> Connection:
    """The connection of that name.

    Raises:
        ConfigurationError: no such connection, or it cannot be read.
    """
    raw: Any = None
    if text := os.environ.get(f"HUB_CONN_{reference.upper()}"):
        raw = json.loads(text)
    else:
        path = home() / "connections.json"
        if path.is_file():
            raw = json.loads(path.read_text("utf-8")).get(reference)
    if not isinstance(raw, dict):
        raise ConfigurationError(
            "NO_CONNECTION",
            f"没有名为 {reference} 的连接配置",
            f"no connection named {reference}: set HUB_CONN_{reference.upper()} or run hub up",
            reference,
        )
    return Connection(**raw)
