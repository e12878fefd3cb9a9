"""`hub demo`: three platforms send, Airflow's own scheduler does the work, a summary says what came of it."""

import tempfile
import time
from collections.abc import Collection
from pathlib import Path

from exchange_hub.core.clock import system_now
from exchange_hub.core.errors import ServiceError
from exchange_hub.core.settings import home, settings
from exchange_hub.demo.airflow_api import AirflowApi, sign_in
from exchange_hub.demo.packages import Parcel, make_correction, make_parcels
from exchange_hub.demo.summary import print_summary
from exchange_hub.embedded import stack
from exchange_hub.flows.context import Hub, open_hub
from exchange_hub.flows.submit import submit

PATIENCE_SECONDS = 240.0


def run_demo(*, stay: bool) -> int:
    """Run the demonstration; returns the exit status (0: everything ended as it should)."""
    stack.up(say=print)
    try:
        hub = open_hub()
        with tempfile.TemporaryDirectory(prefix="hub-demo-") as folder:
            parcels = make_parcels(Path(folder), system_now())
            _send(hub, parcels)
            corrections = [
                make_correction(Path(folder), parcel, notice_no)
                for parcel in parcels
                if parcel.options.faults
                for notice_no in _notices_of(hub, parcel)
            ]
            _send(hub, corrections)
        print_summary(hub, [parcel.options.batch for parcel in (*parcels, *corrections)])
    finally:
        if not stay:
            stack.down(say=print)
    return 0


def _send(hub: Hub, parcels: Collection[Parcel]) -> None:
    for parcel in parcels:
        print(f"→ {submit(parcel.path, parcel.platform)}  {parcel.about}")
    _let_airflow_work(hub, parcels)


def _notices_of(hub: Hub, parcel: Parcel) -> list[str]:
    with hub.database() as conn:
        found = conn.execute("SELECT notice_no FROM audit.notice WHERE batch_no = %s", (parcel.options.batch,))
        return [str(row[0]) for row in found]


def _let_airflow_work(hub: Hub, parcels: Collection[Parcel]) -> None:
    url = settings().airflow_url
    if url is None:
        raise ServiceError("AIRFLOW_NOT_UP", "Airflow 未启动", "Airflow is not up")
    airflow = sign_in(url, home() / "airflow" / "passwords.json")
    dags = [f"exchange_{hub.platform(code).short_code}" for code in sorted({parcel.platform for parcel in parcels})]
    airflow.wait_for_dags(dags, PATIENCE_SECONDS)
    end = time.monotonic() + PATIENCE_SECONDS
    while missing := _missing(hub, parcels):
        if time.monotonic() > end:
            raise ServiceError("NOT_SETTLED", f"批次未处理完：{missing}", f"batches not settled in time: {missing}")
        _run(airflow, dags)


def _run(airflow: AirflowApi, dags: list[str]) -> None:
    for dag_id in dags:
        airflow.trigger(dag_id)
    states = airflow.wait_for_runs(dags, PATIENCE_SECONDS)
    print("Airflow: " + "  ".join(f"{dag_id} {state}" for dag_id, state in states.items()))


def _missing(hub: Hub, parcels: Collection[Parcel]) -> list[str]:
    wanted = [parcel.options.batch for parcel in parcels]
    with hub.database() as conn:
        settled = conn.execute(
            "SELECT batch_no FROM audit.batch WHERE batch_no = ANY(%s) AND verdict IS NOT NULL", (wanted,)
        ).fetchall()
    return sorted(set(wanted) - {row[0] for row in settled})
