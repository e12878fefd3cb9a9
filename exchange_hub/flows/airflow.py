"""The flows as Airflow shows them: one DAG a platform, generated from its card; the clock's, delivery's, the rerun's.

The only modules of ours, with the plugins, that import Airflow are this one, `airflow_common` and `timetable`. Parsing
reads the cards and nothing else: no database, no clock, no frames; the flows are imported inside the tasks.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from airflow.sdk import (
    DAG,
    Asset,
    AssetAlias,
    dag,
    get_current_context,
    task,
    task_group,
)
from airflow.sdk.exceptions import AirflowSkipException

from exchange_hub.core.errors import ChannelRests
from exchange_hub.core.platforms import Platform
from exchange_hub.flows.airflow_common import OURS, START, defaults
from exchange_hub.flows.timetable import WorkdayTimetable

LISTING = timedelta(minutes=10)  # a server that trickles its listing is given up


def platform_dag(platform: Platform) -> DAG:
    """The DAG of one platform: discover, then for each group of packages receive, validate, load, notify."""

    @dag(
        dag_id=f"exchange_{platform.short_code}",
        dag_display_name=f"{platform.name_zh} {platform.short_code}",
        description=f"{platform.name_en}: packages by {platform.transport.kind}",
        doc_md=_platform_doc(platform),
        schedule=timedelta(minutes=platform.exchange_minutes),
        start_date=START,
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,
        tags=[OURS, "platform", platform.transport.kind, platform.region, *platform.trades],
        # upstream: a package that has begun goes on before the next begins, since loads wait in order
        default_args=defaults(platform.name_en, timedelta(seconds=30))
        | {"weight_rule": "upstream", "pool": f"exchange_{platform.short_code}"},
    )
    def build() -> None:
        @task(execution_timeout=LISTING)
        def discover() -> list[dict[str, Any]]:
            """List what waits at the platform, oldest first, grouped for the mapped tasks; skipped while it rests."""
            from exchange_hub.core.clock import system_now
            from exchange_hub.flows.context import open_hub
            from exchange_hub.flows.discovery import discover_groups

            try:
                return discover_groups(open_hub(), platform, system_now())
            except ChannelRests as rest:
                raise AirflowSkipException(str(rest)) from None

        @task_group(group_id="package")
        def package(group: dict[str, Any]) -> None:
            """The way of one group of packages."""
            notify(load(validate(receive(group))))

        package.expand(group=discover())

    return build()


LOADED = "exchange_datasets"  # alias of the assets hub://platform/<short code>/<dataset> that a load has changed


def platform_asset(short_code: str) -> Asset:
    """What a platform has sent: changes with each group that is loaded."""
    return Asset(name=f"platform_{short_code}", uri=f"hub://platform/{short_code}", group="platform")


def _step(name: str, **options: Any) -> Callable[[Any], Any]:
    """A mapped task that takes a group through one stage and passes it on, named after its packages."""

    @task(task_id=name, map_index_template="{{ label }}", **options)
    def step(group: dict[str, Any]) -> dict[str, Any]:
        from exchange_hub.core.clock import system_now
        from exchange_hub.flows.stages import run_observed

        cast("dict[str, Any]", get_current_context())["label"] = group["label"]
        return run_observed(name, group, system_now())

    return step


@task(task_id="load", map_index_template="{{ label }}", outlets=[AssetAlias(LOADED)])
def load(group: dict[str, Any]) -> Any:
    """Load a group; the assets of its platform and datasets tell what was accepted."""
    from exchange_hub.core.clock import system_now
    from exchange_hub.flows.groups import accepted_by_dataset
    from exchange_hub.flows.stages import run_observed

    context = cast("dict[str, Any]", get_current_context())
    context["label"] = group["label"]
    done = run_observed("load", group, system_now())
    short_code, accepted = accepted_by_dataset(done)
    events = context["outlet_events"][AssetAlias(LOADED)]
    if accepted:
        events.add(platform_asset(short_code), extra={"accepted": sum(accepted.values())})
    for dataset, count in accepted.items():
        uri = f"hub://platform/{short_code}/{dataset}"
        events.add(Asset(name=f"{short_code}_{dataset}", uri=uri, group="dataset"), extra={"accepted": count})
    return done


# One at a time, oldest first: batches take effect in the order in which they were received (decision 0002).
receive = _step("receive", max_active_tis_per_dagrun=1)
validate, notify = _step("validate"), _step("notify")


def deadline_dag() -> DAG:
    """On working days and the nights after them: held records, overdue notices, reminders (Art. 10).

    Held records are released or expire, a new calendar is looked for, notices whose five working days are over are
    marked, reminders go out.
    """

    @dag(
        dag_id="deadlines",
        dag_display_name="时限与催办 deadlines",
        description="Held records, overdue notices, reminders (Art. 10)",
        schedule=WorkdayTimetable(0, 5),
        start_date=START,
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,
        tags=[OURS, "deadlines"],
        default_args=defaults(OURS, timedelta(minutes=5)),
        doc_md=deadline_dag.__doc__,
    )
    def build() -> None:
        @task
        def settle_held_records() -> dict[str, Any]:
            """Release held records whose parents are there; reject those whose grace period is over."""
            from dataclasses import asdict

            from exchange_hub.core.clock import system_now
            from exchange_hub.flows.context import open_hub
            from exchange_hub.flows.held import settle_held

            return asdict(settle_held(open_hub(), system_now()))

        @task
        def keep_time() -> dict[str, Any]:
            """Recompute by a new calendar, mark notices whose five working days are over, remind and escalate."""
            from exchange_hub.core.clock import system_now
            from exchange_hub.flows.context import open_hub
            from exchange_hub.flows.deadlines import keep_time as keep

            return keep(open_hub(), system_now())

        @task
        def review_recordings() -> dict[str, str]:
            """Hold recordings against their sessions; tell platforms of gaps, close what arrived."""
            from exchange_hub.core.clock import system_now
            from exchange_hub.flows.context import open_hub
            from exchange_hub.flows.gaps import review_recordings as review

            return review(open_hub(), system_now())

        settle_held_records()
        keep_time()
        review_recordings()

    return build()


def delivery_dag() -> DAG:
    """Every quarter of an hour: notices that could not be delivered are tried again, each when its wait is over."""

    @dag(
        dag_id="deliveries",
        dag_display_name="通知送达 deliveries",
        description="Notices not delivered yet (Art. 10)",
        schedule="*/15 * * * *",
        start_date=START,
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,
        tags=[OURS, "deadlines"],
        default_args=defaults(OURS, timedelta(minutes=5)) | {"retries": 0},
        doc_md=delivery_dag.__doc__,
    )
    def build() -> None:
        @task
        def deliver_pending() -> list[str]:
            """Deliver notices that could not be delivered before."""
            from exchange_hub.core.clock import system_now
            from exchange_hub.flows.context import open_hub
            from exchange_hub.flows.deadlines import deliver_pending as deliver

            return deliver(open_hub(), system_now())

        deliver_pending()

    return build()


def _platform_doc(platform: Platform) -> str:
    return (
        f"### {platform.name_zh}\n\n{platform.name_en}, region {platform.region}, code `{platform.code}`\n\n"
        f"- transport: {platform.transport.kind} ({platform.transport.connection})\n"
        f"- notices go out by: {platform.delivery.kind} ({platform.delivery.connection})\n"
        f"- contract release: {platform.contract_version}\n"
        f"- exchange every {platform.exchange_minutes} min, greatest lag {platform.max_lag_minutes} min (Art. 8)\n"
        f"- contact: {platform.contact}\n\n"
        "`discover` lists the waiting packages; each group then goes through `receive` (bytes into the evidence "
        "store), `validate`, `load` (one transaction a batch) and `notify`. Every step may be run again: what is "
        "done is found done. To run one package by hand: `hub ingest PATH`."
    )
