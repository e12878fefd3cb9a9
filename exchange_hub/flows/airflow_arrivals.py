"""The watch over expected arrivals as Airflow shows it."""

from datetime import timedelta

from airflow.sdk import DAG, dag, task

from exchange_hub.flows.airflow_common import OURS, START, defaults


def arrivals_dag() -> DAG:
    """Every hour: what did not arrive as agreed becomes a timeliness alert (时效性预警) with its owner (Art. 8).

    An alert closes by itself when its cause is gone. The same by hand: `hub arrivals`.
    """

    @dag(
        dag_id="arrivals",
        dag_display_name="到达监测 arrivals",
        description="Late and silent platforms, datasets that stopped, sudden changes (Art. 8)",
        schedule="20 * * * *",
        start_date=START,
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,
        tags=[OURS, "arrivals"],
        default_args=defaults(OURS, timedelta(minutes=5)),
        doc_md=arrivals_dag.__doc__,
    )
    def build() -> None:
        @task
        def watch() -> list[str]:
            """Raise and close alerts; returns those that stand."""
            from exchange_hub.core.clock import system_now
            from exchange_hub.flows.arrivals import watch_arrivals
            from exchange_hub.flows.context import open_hub

            return [f"{one['kind']} {one['message_en']}" for one in watch_arrivals(open_hub(), system_now())]

        watch()

    return build()
