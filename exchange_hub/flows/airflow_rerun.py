"""Batches taken up again, as Airflow shows it."""

from datetime import timedelta
from typing import Any, cast

from airflow.sdk import DAG, Param, dag, get_current_context, task

from exchange_hub.flows.airflow_common import OURS, START, defaults


def rerun_dag() -> DAG:
    """Batches taken up again (重跑), by number, platform or days of receipt; what is done is found done.

    Trigger it with parameters: `platform` (code), `batch_no`, `since` and `until` (days of receipt, both included);
    what is empty does not count. With `only_unfinished` just those that were received and came to a stop.
    """

    @dag(
        dag_id="rerun",
        dag_display_name="重跑批次 rerun",
        description="Take batches up again",
        schedule=None,
        start_date=START,
        catchup=False,
        is_paused_upon_creation=False,
        tags=[OURS, "rerun"],
        params={
            "platform": Param(None, type=["null", "string"], title="平台标识码 platform code"),
            "batch_no": Param(None, type=["null", "string"], title="批次号 batch number"),
            "since": Param(None, type=["null", "string"], format="date", title="接收日期自 received since"),
            "until": Param(None, type=["null", "string"], format="date", title="接收日期至 received until"),
            "only_unfinished": Param(True, type="boolean", title="仅未完成的 only those that came to a stop"),
        },
        default_args=defaults(OURS, timedelta(minutes=1)),
        doc_md=rerun_dag.__doc__,
    )
    def build() -> None:
        @task
        def choose() -> list[dict[str, Any]]:
            """The batches that the parameters name, by platform, in the order of receipt."""
            from exchange_hub.flows.context import open_hub
            from exchange_hub.flows.rerun import Choice
            from exchange_hub.flows.rerun import choose as chosen

            return chosen(open_hub(), Choice.of(dict(get_current_context()["params"])))

        @task(map_index_template="{{ label }}")
        def take_up(group: dict[str, Any]) -> dict[str, str]:
            """Carry these batches on to their end."""
            from exchange_hub.core.clock import system_now
            from exchange_hub.flows.context import open_hub
            from exchange_hub.flows.rerun import take_up as carried

            cast("dict[str, Any]", get_current_context())["label"] = group["label"]
            return carried(open_hub(), group["platform"], group["batches"], system_now())

        take_up.expand(group=choose())

    return build()
