"""The exchange board (交换看板) inside Airflow's UI, behind Airflow's sign-in.

Every task process loads this file, so it imports nothing but the plugin class until the page is asked for.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from airflow.plugins_manager import AirflowPlugin

Message = MutableMapping[str, Any]


class LazyBoard:
    """An ASGI application that is built at its first request."""

    def __init__(self) -> None:
        self._application: Any = None

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if self._application is None:
            from exchange_hub.flows.airflow_board import application

            self._application = application()
        await self._application(scope, receive, send)


class ExchangeBoard(AirflowPlugin):
    """Adds the page to the navigation."""

    name = "exchange_board"
    fastapi_apps = ({"app": LazyBoard(), "url_prefix": "/exchange-board", "name": "Exchange board"},)
    external_views = (
        {
            "name": "交换看板",
            "href": "/exchange-board/",
            "destination": "nav",
            "url_route": "exchange-board",
            "nav_top_level": True,
        },
    )
