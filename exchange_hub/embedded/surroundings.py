"""The environment that the stack's processes start with."""

import os
from collections.abc import Mapping

from exchange_hub.embedded.state import State


def base_environment(state: State) -> dict[str, str]:
    """What every Python service of the stack inherits: ours, without other Airflow settings, without proxies to us."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("AIRFLOW")}
    local = ",".join(filter(None, (inherited.get("NO_PROXY") or inherited.get("no_proxy"), "127.0.0.1,localhost")))
    return {
        **inherited,
        "HUB_HOME": str(state.home),
        "NO_PROXY": local,
        "no_proxy": local,
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "SPT_NOENV": "1",  # setproctitle must not overwrite the environment by which we find our processes
    }


def bare_environment() -> Mapping[str, str]:
    """The little that PostgreSQL needs; nothing of ours goes to another user's process."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "Asia/Shanghai"}
