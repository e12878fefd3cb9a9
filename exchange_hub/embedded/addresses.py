"""What `hub up` writes for the others: stack.json (settings) and connections.json (the demo platforms)."""

from collections.abc import Mapping
from typing import Any

from exchange_hub.embedded import objects, postgres, sftp
from exchange_hub.embedded.state import State
from exchange_hub.embedded.status import LABELS, address_of


def write_stack_file(state: State, ports: Mapping[str, int], secrets: Mapping[str, str]) -> None:
    """Write the settings of those services that have a port (`exchange_hub.core.settings` reads them)."""
    settings: dict[str, Any] = {}
    if postgres.NAME in ports:
        settings["portal_secret"] = secrets["portal_secret"]
        settings["metrics_token"] = secrets["metrics_token"]
        settings["database_url"] = postgres.url("hub", secrets["hub_password"], ports[postgres.NAME], "hub")
    if objects.NAME in ports:
        settings["s3_endpoint"] = f"{objects.HOST}:{ports[objects.NAME]}"
        settings["s3_access_key"] = secrets["s3_access_key"]
        settings["s3_secret_key"] = secrets["s3_secret_key"]
        settings["s3_secure"] = False
    for name in ("airflow", "portal"):
        if name in ports:
            settings[f"{name}_url"] = f"http://127.0.0.1:{ports[name]}"
    addresses = {name: address for name in LABELS if (address := address_of(name, ports)) is not None}
    state.write("stack.json", {"settings": settings, "addresses": addresses})


def write_connections(state: State, ports: Mapping[str, int], secrets: Mapping[str, str]) -> None:
    """Write the connections of the demo platforms (`exchange_hub.core.connections` reads them)."""
    connections: dict[str, dict[str, Any]] = {"demo_nanyang_folder": {"path": str(_nanyang(state))}}
    if sftp.NAME in ports:
        connections["demo_zhengzhou_sftp"] = {
            "host": sftp.HOST,
            "port": ports[sftp.NAME],
            "user": sftp.USER,
            "secret": secrets["zhengzhou_password"],
            "private_key": sftp.private_key(state),
            "host_key": sftp.host_key(state),
        }
    if objects.NAME in ports:
        connections["demo_luoyang_s3"] = {
            "host": objects.HOST,
            "port": ports[objects.NAME],
            "user": secrets["luoyang_access_key"],
            "secret": secrets["luoyang_secret_key"],
            "secure": False,
        }
    state.write("connections.json", connections)


def _nanyang(state: State) -> Any:
    folder = state.folder("platforms", "nanyang")
    for name in ("outgoing", "inbox"):
        (folder / name).mkdir(exist_ok=True)
    return folder
