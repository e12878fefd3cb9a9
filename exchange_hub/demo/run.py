"""`hub demo`: three platforms send, Airflow's own scheduler does the work, a summary says what came of it."""

import tempfile
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from exchange_hub.core.clock import system_now
from exchange_hub.core.errors import ServiceError
from exchange_hub.core.settings import home, settings
from exchange_hub.demo.airflow_api import AirflowApi, sign_in
from exchange_hub.demo.packages import Parcel, answers, first_parcels
from exchange_hub.demo.summary import print_summary
from exchange_hub.embedded import stack
from exchange_hub.flows.context import Hub, open_hub
from exchange_hub.flows.submit import submit

PATIENCE_SECONDS = 240.0


def run_demo(*, stay: bool) -> int:
    """Run the demonstration; returns the exit status (0: everything ended as it should)."""
    begun = time.monotonic()
    _title("一、启动内置服务", "1. the embedded stack starts")
    stack.up(say=_indented)
    try:
        hub = open_hub()
        with tempfile.TemporaryDirectory(prefix="hub-demo-") as folder:
            _title("二、三个平台报送数据包", "2. three platforms send packages, Airflow takes them in")
            parcels = first_parcels(Path(folder), system_now())
            _send(hub, parcels)
            _title("三、平台更正、补报", "3. the platforms correct and complete what they sent")
            more = answers(Path(folder), parcels, _notices(hub, parcels))
            _send(hub, more)
        as_expected = print_summary(hub, [*parcels, *more], stay=stay)
    finally:
        if not stay:
            stack.down(say=print)
    print(f"演示用时 the demonstration took {time.monotonic() - begun:.0f} s")
    return 0 if as_expected else 1


def _title(zh: str, en: str) -> None:
    print(f"\n━━ {zh} / {en}", flush=True)


def _indented(line: str) -> None:
    print(f"  {line.strip()}", flush=True)


def _send(hub: Hub, parcels: Collection[Parcel]) -> None:
    for parcel in parcels:
        address = submit(parcel.path, parcel.platform)
        print(f"  {hub.platform(parcel.platform).name_zh}: {parcel.about}\n    → {address}", flush=True)
    _let_airflow_work(hub, parcels)


def _notices(hub: Hub, parcels: Sequence[Parcel]) -> dict[str, str]:
    """Number of the notice of each batch that got one."""
    numbers = [parcel.batch_no for parcel in parcels]
    with hub.database() as conn:
        found = conn.execute("SELECT batch_no, notice_no FROM audit.notice WHERE batch_no = ANY(%s)", (numbers,))
        return dict(found.fetchall())


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
    print("  Airflow: " + "  ".join(f"{dag_id} {state}" for dag_id, state in states.items()), flush=True)


def _missing(hub: Hub, parcels: Collection[Parcel]) -> list[str]:
    wanted = [parcel.batch_no for parcel in parcels]
    with hub.database() as conn:
        settled = conn.execute(
            "SELECT batch_no FROM audit.batch WHERE batch_no = ANY(%s) AND verdict IS NOT NULL", (wanted,)
        ).fetchall()
    return sorted(set(wanted) - {row[0] for row in settled})
