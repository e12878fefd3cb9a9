"""What stands before every request: limits of size and rate, security headers, and no traceback to anybody.

Plain ASGI, so that bodies stream through untouched.
"""

import logging
import time
import traceback
from collections.abc import MutableMapping
from typing import Any

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from exchange_hub.portal.problems import DETAILS, Problem, answer

logger = logging.getLogger(__name__)

SMALL_BODY_BYTES = 1024**2  # of anything that is not an upload
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
        """Args: `uploads` are paths whose routes bound the body themselves; `secure`: served over TLS."""
        self.app = app
        self.uploads = uploads
        self.secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, sent = time.monotonic(), {"status": 0}
        limited = receive if scope["path"].startswith(self.uploads) else _Limited(receive)
        sender = self._sender(scope, send, sent)
        try:
            await self.app(scope, limited, sender)
        except Exception as error:  # noqa: BLE001 -- the outermost boundary: logged without values, told without traceback
            frames = "".join(traceback.format_tb(error.__traceback__))
            logger.error("%s %s failed: %s\n%s", scope["method"], _route(scope), type(error).__name__, frames)
            if not sent["status"]:
                response = answer(Request(scope), Problem(500, "INTERNAL", *DETAILS[500]))
                await response(scope, receive, sender)
        took = (time.monotonic() - begun) * 1000
        logger.info("%s %s %s %.0f ms", scope["method"], _route(scope), sent["status"], took)

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
    """Counts what is received; more than a form needs is refused before it is held in memory."""

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self.seen = 0

    async def __call__(self) -> Message:
        message = await self.receive()
        self.seen += len(message.get("body", b""))
        if self.seen > SMALL_BODY_BYTES:
            limit = f"{SMALL_BODY_BYTES // 1024} KiB"
            raise Problem(413, "TOO_LARGE", f"请求内容超过上限 {limit}", f"the content is over the limit of {limit}")
        return message


def _route(scope: Scope) -> str:
    """The route's pattern: paths may hold what the sender typed."""
    route: Any = scope.get("route")
    return str(getattr(route, "path", "-"))
