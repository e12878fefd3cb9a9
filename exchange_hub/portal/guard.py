"""What stands before every request: limits of size and rate, security headers, and no traceback to anybody.

Plain ASGI, so that bodies stream through untouched.
"""

import asyncio
import logging
import time
from collections.abc import MutableMapping
from typing import Any

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from exchange_hub.core.faults import without_values
from exchange_hub.core.settings import settings
from exchange_hub.portal.problems import DETAILS, Problem, answer

logger = logging.getLogger(__name__)

SMALL_BODY_BYTES = 1024**2  # of anything that is not an upload
FORM_BYTES = 64 * 1024  # of a form around an uploaded file
IDLE_SECONDS = 30.0  # between two pieces of a body
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, uploads: tuple[str, ...], secure: bool) -> None:
        """Args: `uploads` are paths that take packages; `secure`: served over TLS."""
        self.app = app
        self.uploads = uploads
        self.secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, sent = time.monotonic(), {"status": 0}
        limited = _Limited(receive, self._most(scope["path"]))
        sender = self._sender(scope, send, sent)
        try:
            await self.app(scope, limited, sender)
        except Problem as problem:  # raised where nothing inside could answer it
            await self._answer(scope, receive, sender, sent, problem)
        except Exception as error:  # noqa: BLE001 -- the outermost boundary: logged without values, told without traceback
            logger.error("%s %s failed: %s", scope["method"], _route(scope), without_values(error))
            await self._answer(scope, receive, sender, sent, Problem(500, "INTERNAL", *DETAILS[500]))
        took = (time.monotonic() - begun) * 1000
        logger.info("%s %s %s %.0f ms", scope["method"], _route(scope), sent["status"], took)

    @staticmethod
    async def _answer(
        scope: Scope, receive: Receive, sender: Send, sent: MutableMapping[str, int], problem: Problem
    ) -> None:
        if not sent["status"]:
            await answer(Request(scope), problem)(scope, receive, sender)

    def _most(self, path: str) -> int:
        """Bytes that a body may have."""
        return settings().max_package_bytes + FORM_BYTES if path.startswith(self.uploads) else SMALL_BODY_BYTES

    def _sender(self, scope: Scope, send: Send, sent: MutableMapping[str, int]) -> Send:
        async def sender(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent["status"] = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith("/static/"):
                    headers.setdefault("Cache-Control", "no-store")
                if self.secure:
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        return sender


class _Limited:
    """Counts what is received and how long it takes: too much or too slow a body is given up, never held in memory."""

    def __init__(self, receive: Receive, most: int) -> None:
        self.receive = receive
        self.most = most
        self.seen = 0
        self.more = True

    async def __call__(self) -> Message:
        if not self.more:  # the body is here; what comes now is the end of the connection
            return await self.receive()
        try:
            message = await asyncio.wait_for(self.receive(), IDLE_SECONDS)
        except TimeoutError as error:
            said = ("长时间没有收到数据，已中止", f"nothing came for {IDLE_SECONDS:.0f} s; given up")
            raise Problem(408, "STALLED", *said, {"Connection": "close"}) from error
        self.more = bool(message.get("more_body", False))
        self.seen += len(message.get("body", b""))
        if self.seen > self.most:
            limit = f"{self.most:,}"
            said = (f"请求内容超过上限 {limit} 字节", f"the content is over the limit of {limit} bytes")
            raise Problem(413, "TOO_LARGE", *said, {"Connection": "close"})
        return message


def _route(scope: Scope) -> str:
    """The route's pattern: paths may hold what the sender typed."""
    route: Any = scope.get("route")
    return str(getattr(route, "path", "-"))
