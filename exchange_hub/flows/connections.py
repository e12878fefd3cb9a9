"""Connections to the warehouse kept open between steps (连接复用), by the portal and for a group of packages.

A new one costs both sides ten milliseconds of processor time, more than most steps.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg

from exchange_hub.flows.context import Hub
from warehouse.connection import connect

KEPT = 8  # idle at most; what is opened beyond is closed when given back


class Connections:
    """Idle connections, the one used last first. Safe to use from several threads."""

    def __init__(self, opens: Callable[[], psycopg.Connection]) -> None:
        self._opens = opens
        self._idle: list[psycopg.Connection] = []
        self._lock = threading.Lock()

    @contextmanager
    def take(self) -> Iterator[psycopg.Connection]:
        """A connection as psycopg's own `with connect(...)` gives it: commits at the end, rolls back on an error.

        Raises:
            ServiceError: the database does not answer.
        """
        conn = self._living() or self._opens()
        try:
            with _ending(conn):
                yield conn
        finally:
            self._give_back(conn)

    def close(self) -> None:
        """Close those that are idle."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    def _living(self) -> psycopg.Connection | None:
        """An idle connection that still answers; those that do not, as after a restart of the database, are dropped."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                conn = self._idle.pop()
            with suppress(psycopg.Error):
                conn.execute("SELECT 1")
                conn.rollback()
                return conn
            conn.close()

    def _give_back(self, conn: psycopg.Connection) -> None:
        """Keep it, as clean as a new one: outside a transaction, without locks of the session."""
        with suppress(psycopg.Error):
            conn.rollback()
            conn.autocommit = True
            conn.execute("SELECT pg_advisory_unlock_all()")
            conn.autocommit = False
            with self._lock:
                if len(self._idle) < KEPT:
                    self._idle.append(conn)
                    return
        conn.close()


@contextmanager
def _ending(conn: psycopg.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if not conn.closed:
            conn.rollback()
        raise
    if not conn.closed:
        conn.commit()


@dataclass(frozen=True, slots=True)
class KeptHub(Hub):
    """A hub whose connections are kept."""

    connections: Connections = field(kw_only=True)

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection]:
        """A kept connection for one step; the step commits, anything else is rolled back."""
        with self.connections.take() as conn:
            yield conn


def keeping(hub: Hub) -> KeptHub:
    """The hub with connections that are kept; the caller closes them (`connections.close`)."""
    pool = Connections(lambda: connect(hub.settings.database()))
    return KeptHub(hub.settings, hub.evidence, hub.work, hub.platforms, connections=pool)


@contextmanager
def kept(hub: Hub) -> Iterator[KeptHub]:
    """As `keeping`, closed at the end; a hub that keeps its connections already stays as it is."""
    if isinstance(hub, KeptHub):
        yield hub
        return
    made = keeping(hub)
    try:
        yield made
    finally:
        made.connections.close()
