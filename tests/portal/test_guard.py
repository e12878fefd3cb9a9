"""What stands before every request: bounds of size, time and rate; and the worker that a crash does not stop."""

import asyncio
import http.client
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from exchange_hub.core.clock import system_now
from exchange_hub.embedded.processes import marked
from exchange_hub.embedded.state import State
from exchange_hub.flows.context import Hub
from exchange_hub.flows.receive import receive
from exchange_hub.portal import guard
from exchange_hub.portal.guard import SMALL_BODY_BYTES, Guard
from exchange_hub.portal.problems import Problem
from exchange_hub.portal.rates import Rate

NANYANG = "12411300MA3DEM035H"


def test_a_caller_gets_no_more_than_the_rate_and_others_are_not_held_up() -> None:
    now = [0.0]
    rate = Rate(per_minute=60, burst=2, clock=lambda: now[0])
    rate.take("a")
    rate.take("a")

    with pytest.raises(Problem) as caught:
        rate.take("a")

    assert (caught.value.status_code, caught.value.headers) == (429, {"Retry-After": "2"})
    rate.take("b")
    now[0] += 1.0
    rate.take("a")


def through_the_guard(pieces: list[bytes], pause: float = 0.0) -> tuple[int, int]:
    """Status answered, and bytes the application got to see, for a body in these pieces."""
    sent: list[dict[str, Any]] = []
    seen = 0
    left = [{"type": "http.request", "body": p, "more_body": n < len(pieces)} for n, p in enumerate(pieces, 1)]

    async def receive_piece() -> dict[str, Any]:
        await asyncio.sleep(pause)
        return left.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    async def application(_scope: Any, receive: Any, _send: Any) -> None:
        nonlocal seen
        more = True
        while more:
            message = await receive()
            seen += len(message["body"])
            more = message["more_body"]

    scope = {"type": "http", "method": "POST", "path": "/notices", "headers": [], "query_string": b""}
    try:
        asyncio.run(Guard(application, (), False)(scope, receive_piece, send))
    except Problem as problem:
        return problem.status_code, seen
    return (sent[0]["status"] if sent else 0), seen


def test_a_form_over_its_limit_is_refused_before_it_is_held() -> None:
    status, seen = through_the_guard([b"x" * 400_000] * 10)

    assert status == 413
    assert seen <= SMALL_BODY_BYTES


def test_a_body_that_stalls_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "IDLE_SECONDS", 0.05)

    assert through_the_guard([b"x", b"y"], pause=1.0)[0] == 408


@pytest.mark.stack
def test_a_chunked_body_without_a_length_is_taken(nanyang: httpx.Client, package: Callable[..., bytes]) -> None:
    content = package("guard-chunked")

    def pieces() -> Any:
        for start in range(0, len(content), 1000):
            yield content[start : start + 1000]

    assert nanyang.post("/api/v1/batches", content=pieces()).status_code == 202


@pytest.mark.stack
def test_a_body_cut_short_leaves_nothing(nanyang: httpx.Client, package: Callable[..., bytes]) -> None:
    content = package("guard-cut")
    connection = http.client.HTTPConnection(nanyang.base_url.host, nanyang.base_url.port or 80, timeout=10)
    connection.putrequest("POST", "/api/v1/batches")
    connection.putheader("Authorization", nanyang.headers["authorization"])
    connection.putheader("Content-Length", str(len(content)))
    connection.endheaders()
    connection.send(content[: len(content) // 2])

    connection.close()

    time.sleep(0.3)
    assert nanyang.get(f"/api/v1/batches/{NANYANG}/guard-cut").status_code == 404
    assert nanyang.get("/api/v1/healthz").status_code == 200


@pytest.mark.stack
def test_a_json_body_over_the_limit_is_413(nanyang: httpx.Client) -> None:
    body = json.dumps({"answer": "objection", "reason": "x" * (2 * SMALL_BODY_BYTES)})

    answer = nanyang.post(
        "/api/v1/notices/FK-41130001-2026-000001/items/1/answer",
        content=body,
        headers={"Content-Type": "application/json"},
    )

    assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")


@pytest.mark.stack
def test_what_a_crash_left_is_picked_up_again(
    hub: Hub, nanyang: httpx.Client, package: Callable[..., bytes], tmp_path: Path
) -> None:
    workers = [pid for pid in marked(State(Path(os.environ["HUB_HOME"]))) if b"portal.worker" in command(pid)]
    assert len(workers) == 1
    os.kill(workers[0], signal.SIGKILL)
    path = tmp_path / "package.tar.gz"
    path.write_bytes(package("guard-crash"))

    receive(hub, path, system_now(), channel="http", sender=NANYANG)  # booked, and nobody was told

    end = time.monotonic() + 60
    while (batch := nanyang.get(f"/api/v1/batches/{NANYANG}/guard-crash").json())["report"] is None:
        assert time.monotonic() < end
        time.sleep(0.2)
    assert batch["state"] == "loaded"


def command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
