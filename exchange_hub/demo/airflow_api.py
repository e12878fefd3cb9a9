"""Airflow's public REST API, as far as the demonstration needs it: trigger a DAG, see its runs end."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from exchange_hub.core.errors import ServiceError

ENDED = frozenset({"success", "failed"})


@dataclass(frozen=True, slots=True)
class AirflowApi:
    """A signed-in client."""

    client: httpx.Client

    def wait_for_dags(self, dag_ids: list[str], seconds: float) -> None:
        """Return when Airflow has parsed all these DAGs.

        Raises:
            ServiceError: it did not in time.
        """
        end = time.monotonic() + seconds
        while missing := [dag_id for dag_id in dag_ids if self.client.get(f"/api/v2/dags/{dag_id}").status_code != 200]:
            if time.monotonic() > end:
                raise ServiceError("DAGS_MISSING", f"Airflow 未加载：{missing}", f"Airflow did not load: {missing}")
            time.sleep(1)

    def trigger(self, dag_id: str) -> str:
        """Start a run; returns its id."""
        answer = self.client.post(f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None})
        return str(_good(answer)["dag_run_id"])

    def under_way(self, dag_id: str) -> bool:
        """Whether a run of this DAG is queued or running."""
        return any(state not in ENDED for state in self._states(dag_id))

    def wait_for_runs(self, dag_ids: list[str], seconds: float) -> dict[str, str]:
        """Wait until no run of these DAGs is queued or running; returns dag id -> state of its newest run.

        Raises:
            ServiceError: a run did not end in time.
        """
        end = time.monotonic() + seconds
        while True:
            states = {dag_id: self._states(dag_id) for dag_id in dag_ids}
            if all(state in ENDED for of_dag in states.values() for state in of_dag):
                return {dag_id: of_dag[0] if of_dag else "none" for dag_id, of_dag in states.items()}
            if time.monotonic() > end:
                raise ServiceError("RUN_NOT_ENDED", f"DAG 运行未结束：{states}", f"a DAG run did not end: {states}")
            time.sleep(1)

    def _states(self, dag_id: str) -> list[str]:
        answer = self.client.get(f"/api/v2/dags/{dag_id}/dagRuns", params={"order_by": "-run_after", "limit": 20})
        return [str(run["state"]) for run in _good(answer)["dag_runs"]]


def sign_in(url: str, password_file: Path) -> AirflowApi:
    """Sign in as admin with the password that the stack generated.

    Raises:
        ServiceError: Airflow does not answer or refuses.
    """
    password = json.loads(password_file.read_text("utf-8"))["admin"]
    client = httpx.Client(base_url=url, timeout=30)
    token = _good(client.post("/auth/token", json={"username": "admin", "password": password}))["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return AirflowApi(client)


def _good(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_error:
        raise ServiceError(
            "AIRFLOW_REFUSED",
            f"Airflow 返回 {answer.status_code}：{answer.request.url.path}",
            f"Airflow answered {answer.status_code} to {answer.request.url.path}",
        )
    document: dict[str, Any] = answer.json()
    return document
