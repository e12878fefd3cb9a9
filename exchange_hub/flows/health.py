"""Which part of the hub is down (健康状态), for load balancers and the monitoring; tells no more than that."""

import json
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from exchange_hub.core.errors import HubError
from exchange_hub.flows.context import Hub

OK, DOWN, ABSENT = "ok", "down", "absent"
PATIENCE_SECONDS = 2.0
AIRFLOW_PARTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")


def parts_of(open_hub: Callable[[], Hub]) -> dict[str, str]:
    """State of each part: ok, down, or absent where this hub is set up without it."""
    try:
        hub = open_hub()
    except HubError:
        return {"database": DOWN, "store": DOWN}
    return {"database": _database(hub), "store": _store(hub), **_airflow(hub.settings.airflow_url)}


def _database(hub: Hub) -> str:
    try:
        with hub.database() as conn:
            return OK if conn.execute("SELECT 1").fetchone() == (1,) else DOWN
    except HubError:
        return DOWN


def _store(hub: Hub) -> str:
    try:
        next(iter(hub.work.keys("health/")), None)
    except HubError:
        return DOWN
    return OK


def _airflow(url: str | None) -> dict[str, str]:
    if url is None:
        return {"airflow": ABSENT}
    said = _get(f"{url}/api/v2/monitor/health")
    if said is None:
        return {"airflow": DOWN}
    parts = {name: said.get(name) or {} for name in AIRFLOW_PARTS}
    return {f"airflow_{name}": OK if part.get("status") == "healthy" else DOWN for name, part in parts.items()}


def _get(url: str) -> dict[str, dict[str, str | None]] | None:
    place = urlsplit(url)
    kind = HTTPSConnection if place.scheme == "https" else HTTPConnection
    connection = kind(place.netloc, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", place.path)
        answer = connection.getresponse()
        found = json.loads(answer.read()) if answer.status == 200 else None
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return found if isinstance(found, dict) else None
