"""The daily publication of the lake as Airflow shows it."""

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, dag, task

from exchange_hub.flows.airflow_common import OURS, START, defaults


def lake_dag() -> DAG:
    """Every night: what was loaded since the last time is added to the Iceberg tables of the lake, nothing twice."""

    @dag(
        dag_id="lake_publish",
        dag_display_name="数据湖发布 lake_publish",
        description="Accepted versions into the Iceberg tables of the object store",
        schedule="30 1 * * *",
        start_date=START,
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,
        tags=[OURS, "lake"],
        default_args=defaults(OURS, timedelta(minutes=5)),
        doc_md=lake_dag.__doc__,
    )
    def build() -> None:
        @task
        def publish() -> dict[str, Any]:
            """Publish up to the newest load; a run that was cut short is completed by the next."""
            from exchange_hub.core.clock import system_now
            from exchange_hub.flows.context import open_hub
            from exchange_hub.flows.lake import publish_lake

            return publish_lake(open_hub(), system_now())

        publish()

    return build()
