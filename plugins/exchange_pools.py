"""A pool for each platform (平台任务池), made when its DAG first runs, wherever the scheduler runs.

Every task process loads this file, so it imports nothing but what a plugin needs until a run begins.
"""

from typing import Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin


class PoolOfPlatform:
    """Hears of each run that begins, in the scheduler, before its tasks are looked at."""

    @hookimpl
    def on_dag_run_running(self, dag_run: Any, msg: str) -> None:
        """A platform's run needs its pool."""
        if dag_run.dag_id.startswith("exchange_"):
            from exchange_hub.flows.airflow_pools import provide_pool

            provide_pool(dag_run.dag_id)


class ExchangePools(AirflowPlugin):
    """Registers the listener."""

    name = "exchange_pools"
    listeners = (PoolOfPlatform(),)
