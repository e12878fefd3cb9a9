"""What the application's handlers work with: the hub, its rates, its worker. One per application."""

from dataclasses import dataclass, field

from fastapi import Request

from exchange_hub.flows.connections import KeptHub, keeping
from exchange_hub.flows.context import Hub, open_hub
from exchange_hub.portal.rates import Rate
from exchange_hub.portal.supervisor import Supervisor


@dataclass(slots=True)
class PortalState:
    """Opened at the first request, so that importing the application needs no service."""

    worker: Supervisor = field(default_factory=Supervisor)
    calls: Rate = field(default_factory=lambda: Rate(per_minute=3_000, burst=600))  # per API key
    wrong_keys: Rate = field(default_factory=lambda: Rate(per_minute=60, burst=60))  # per address
    sign_ins: Rate = field(default_factory=lambda: Rate(per_minute=20, burst=20))  # per address
    _hub: KeptHub | None = None

    def hub(self) -> Hub:
        """The hub by the settings in force.

        Raises:
            ServiceError: no store is configured.
        """
        if self._hub is None:
            self._hub = keeping(open_hub())
        return self._hub

    def close(self) -> None:
        """Close what was opened."""
        if self._hub is not None:
            self._hub.connections.close()


def state_of(request: Request) -> PortalState:
    """The application's state."""
    state: PortalState = request.app.state.portal
    return state


def hub_of(request: Request) -> Hub:
    """The hub."""
    return state_of(request).hub()


def address_of(request: Request) -> str:
    """The asker's network address."""
    return request.client.host if request.client else ""
