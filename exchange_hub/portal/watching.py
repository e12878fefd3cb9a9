"""`/health` for anybody, `/metrics` for the monitoring: who shows the token HUB_METRICS_TOKEN gets the numbers.

Without a token set there is no `/metrics`. Answers are kept for some seconds, so that asking often costs nothing.
"""

import asyncio
import hmac
import time
from collections.abc import Callable
from typing import TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from exchange_hub.core.clock import system_now
from exchange_hub.core.settings import settings
from exchange_hub.flows.health import ABSENT, DOWN, OK, parts_of
from exchange_hub.flows.metrics import metrics_text
from exchange_hub.portal.problems import Problem, not_found
from exchange_hub.portal.state import address_of, hub_of, state_of

T = TypeVar("T")
KEPT_SECONDS = 5.0
router = APIRouter(include_in_schema=False)


class Kept:
    """The last answers of one application, each for a few seconds; who asks meanwhile waits for the same one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.answers: dict[str, tuple[float, object]] = {}
        self.locks: dict[str, asyncio.Lock] = {}

    async def get(self, name: str, make: Callable[[], T]) -> T:
        """The kept answer, or a new one made in a thread."""
        async with self.locks.setdefault(name, asyncio.Lock()):
            at, answer = self.answers.get(name, (float("-inf"), None))
            if self.clock() - at >= KEPT_SECONDS:
                answer = await asyncio.to_thread(make)
                self.answers[name] = (self.clock(), answer)
        return answer  # type: ignore[return-value]


@router.get("/health")
async def health(request: Request) -> JSONResponse:
    """200 when every part answers, 503 otherwise; `parts` says which does not."""
    state = state_of(request)
    parts = await _kept(request).get("health", lambda: parts_of(state.hub))
    parts = {"portal": OK, "worker": OK if state.worker.alive else DOWN, **parts}
    well = all(part in (OK, ABSENT) for part in parts.values())
    return JSONResponse({"status": OK if well else DOWN, "parts": parts}, 200 if well else 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Numbers in the text format of Prometheus."""
    token = settings().metrics_token
    if token is None:
        raise not_found()
    shown = request.headers.get("authorization", "").encode()
    if not hmac.compare_digest(shown, f"Bearer {token.get_secret_value()}".encode()):
        state_of(request).wrong_keys.take(address_of(request))
        said = ("缺少或错误的监控令牌", "the token of the monitoring is missing or wrong")
        raise Problem(401, "UNAUTHORIZED", *said, {"WWW-Authenticate": "Bearer"})
    text = await _kept(request).get("metrics", lambda: metrics_text(hub_of(request), system_now()))
    return Response(text, media_type=CONTENT_TYPE_LATEST)


def _kept(request: Request) -> Kept:
    kept: Kept = request.app.state.kept
    return kept
