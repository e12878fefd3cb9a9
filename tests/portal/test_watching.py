"""`/health` tells everybody which part is down, `/metrics` nobody without the token."""

import asyncio
import http.server
import threading
from dataclasses import replace

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from exchange_hub.core.settings import settings
from exchange_hub.flows.context import Hub
from exchange_hub.flows.health import parts_of
from exchange_hub.portal.watching import KEPT_SECONDS, Kept

pytestmark = pytest.mark.stack


def test_a_whole_portal_is_well(portal_url: str) -> None:
    answer = httpx.get(f"{portal_url}/health", trust_env=False)

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "parts": {"portal": "ok", "worker": "ok", "database": "ok", "store": "ok", "airflow": "absent"},
    }


@pytest.mark.parametrize("shown", [None, "Bearer", "Bearer wrong", "Basic x", "Bearer 监控"])
def test_metrics_are_not_for_everybody(portal_url: str, shown: str | None) -> None:
    headers = {} if shown is None else {"Authorization": shown.encode()}

    answer = httpx.get(f"{portal_url}/metrics", headers=headers, trust_env=False)

    assert answer.status_code == 401
    assert "exchange_hub" not in answer.text


def test_metrics_are_given_for_the_token(portal_url: str) -> None:
    token = settings().metrics_token
    assert token is not None

    answer = httpx.get(
        f"{portal_url}/metrics", headers={"Authorization": f"Bearer {token.get_secret_value()}"}, trust_env=False
    )

    assert answer.headers["content-type"].startswith("text/plain")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert families["exchange_hub_database_up"].samples[0].value == 1


def test_the_part_that_is_down_is_named(hub: Hub) -> None:
    away = {"database_url": SecretStr("postgresql://hub@127.0.0.1:1/hub"), "airflow_url": "http://127.0.0.1:1"}
    broken = replace(hub, settings=hub.settings.model_copy(update=away))

    assert parts_of(lambda: broken) == {"database": "down", "store": "ok", "airflow": "down"}


def test_airflows_own_parts_are_told_apart(hub: Hub) -> None:
    class Airflow(http.server.BaseHTTPRequestHandler):  # stands for Airflow's page alone; the real one: tests/embedded
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"metadatabase": {"status": "healthy"}, "scheduler": {"status": "unhealthy"}}')

        def log_message(self, *_: object) -> None: ...

    with http.server.HTTPServer(("127.0.0.1", 0), Airflow) as server:
        threading.Thread(target=server.handle_request).start()
        url = f"http://127.0.0.1:{server.server_port}"
        whole = replace(hub, settings=hub.settings.model_copy(update={"airflow_url": url}))
        parts = parts_of(lambda: whole)

    told = {name: state for name, state in parts.items() if name.startswith("airflow")}
    assert told == {
        "airflow_metadatabase": "ok",
        "airflow_scheduler": "down",
        "airflow_dag_processor": "down",
        "airflow_triggerer": "down",
    }


def test_many_who_ask_at_once_cost_one_answer_for_some_seconds() -> None:
    made: list[int] = []
    times = iter([0.0, 0.0, 1.0, 1.0, KEPT_SECONDS, KEPT_SECONDS])
    kept = Kept(clock=lambda: next(times))

    async def ask() -> list[int]:
        answers = [await kept.get("x", lambda: made.append(1) or len(made)) for _ in range(4)]
        return [answer for answer in answers if answer is not None]

    assert asyncio.run(ask()) == [1, 1, 1, 2]
