"""The platforms' channels (传输通道): a dead, slow or overfull one is left alone, and the engineer sees it.

Whatever is done over a channel passes through here: how it ended is booked (`exchange_hub.core.breaker` decides what
follows), alarms are raised, and cleared by themselves. Booking never disturbs the work.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from exchange_hub.core.breaker import Health, after_failure, after_success
from exchange_hub.core.errors import HubError, ServiceError
from exchange_hub.core.platforms import Platform
from exchange_hub.flows.context import Hub
from ingest.transports.base import TRANSPORT_FAILED, Offer, Transport
from ingest.transports.opening import open_transport
from ingest.transports.pace import TOO_SLOW
from warehouse import alarms, channels
from warehouse.alarms import Alarm

logger = logging.getLogger(__name__)

CHANNEL_DOWN = "channel_down"
LINE_FAULTS = frozenset((TRANSPORT_FAILED, TOO_SLOW))
GIVE_UP_AFTER = 3  # failures in a row within one task: what else it has to do over this channel is not tried


@contextmanager
def channel(hub: Hub, platform: Platform, now: datetime) -> Iterator["Watched"]:
    """The platform's transport, with one session for all that is done here; how it went is booked at the end."""
    with open_transport(platform) as transport:
        watched = Watched(transport)
        try:
            yield watched
        finally:
            _book(hub, platform, watched, now)


class Watched:
    """A transport that remembers how it went, and does not try again and again what does not answer."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._failures = 0
        self.error: ServiceError | None = None  # how the last call failed; None: it did not
        self.used = False

    def discover(self) -> list[Offer]:
        """As the transport."""
        with self._watching():
            return self._transport.discover()

    def fetch(self, offer: Offer, folder: Path) -> Path:
        """As the transport."""
        with self._watching():
            return self._transport.fetch(offer, folder)

    def settle(self, offer: Offer, outcome: str) -> None:
        """As the transport."""
        with self._watching():
            self._transport.settle(offer, outcome)

    @contextmanager
    def _watching(self) -> Iterator[None]:
        if self.error is not None and self._failures >= GIVE_UP_AFTER:
            raise self.error
        self.used = True
        try:
            yield
        except ServiceError as error:
            if error.code in LINE_FAULTS:
                self._failures, self.error = self._failures + 1, error
            raise
        self._failures, self.error = 0, None


def _book(hub: Hub, platform: Platform, watched: Watched, now: datetime) -> None:
    if not watched.used:
        return
    try:
        with hub.database() as conn:
            before = channels.lock(conn, platform.code)
            after = after_success(now)
            if watched.error is not None:
                said = (watched.error.message_zh, watched.error.message_en)
                after = after_failure(before, said, now, timedelta(seconds=hub.settings.channel_rest_seconds))
            channels.save(conn, platform.code, after)
            _alarm(conn, platform, before, after, now)
            conn.commit()
    except (HubError, psycopg.Error) as error:
        logger.warning("the channel of %s is not booked: %s", platform.code, type(error).__name__)


def _alarm(conn: psycopg.Connection, platform: Platform, before: Health, after: Health, now: datetime) -> None:
    if after.is_open:
        raised = Alarm(
            CHANNEL_DOWN,
            platform.code,
            f"{platform.name_zh}的传输通道连续失败，已暂停并定期探测（hub channels）：{after.error_zh}",
            f"the channel of {platform.name_en} fails, rests and is probed (hub channels): {after.error_en}",
            now,
        )
        alarms.raise_alarm(conn, raised)
    elif before.is_open:
        alarms.clear(conn, CHANNEL_DOWN, platform.code, "hub", now)


def list_channels(hub: Hub, now: datetime) -> list[dict[str, Any]]:
    """Each enabled platform's channel, those that need a look first.

    Returns:
        platform_code, name_zh, kind, state (closed, resting, probing), failures, failed_at, error_zh, error_en,
        rests_until, worked_at, looked_at, waiting_packages, waiting_bytes.
    """
    with hub.database() as conn:
        rows = channels.channels(conn)
    listed = []
    for platform in hub.platforms.values():
        if platform.enabled:
            row = rows.get(platform.code, channels.ChannelRow(platform.code))
            listed.append(_shown(platform, row, now))
    return sorted(listed, key=lambda one: (one["state"] == "closed", -one["waiting_packages"], one["platform_code"]))


def state_of(health: Health, now: datetime) -> str:
    """closed (in use), resting (not tried), probing (to be tried at the next look)."""
    if not health.is_open:
        return "closed"
    return "resting" if health.rests(now) else "probing"


def _shown(platform: Platform, row: channels.ChannelRow, now: datetime) -> dict[str, Any]:
    health = row.health
    return {
        "platform_code": platform.code,
        "name_zh": platform.name_zh,
        "kind": platform.transport.kind,
        "state": state_of(health, now),
        "failures": health.failures,
        "failed_at": health.failed_at,
        "error_zh": health.error_zh,
        "error_en": health.error_en,
        "rests_until": health.rests_until,
        "worked_at": health.worked_at,
        "looked_at": row.looked_at,
        "waiting_packages": row.waiting_packages,
        "waiting_bytes": row.waiting_bytes,
    }


def try_again(hub: Hub, platform_code: str, now: datetime) -> None:
    """Let the channel be tried at the next look, whatever it rested for.

    Raises:
        ConfigurationError: no such platform.
    """
    platform = hub.platform(platform_code)
    with hub.database() as conn:
        before = channels.lock(conn, platform.code)
        after = Health(worked_at=before.worked_at)
        channels.save(conn, platform.code, after)
        _alarm(conn, platform, before, after, now)
        conn.commit()
