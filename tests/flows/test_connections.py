"""Connections kept between requests: each comes as a new one would, and a lost one is replaced."""

from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest

from exchange_hub.flows.connections import KeptHub, keeping
from exchange_hub.flows.context import Hub

pytestmark = pytest.mark.stack
PID = "SELECT pg_backend_pid()"


@pytest.fixture
def kept(hub: Hub) -> Iterator[KeptHub]:
    """The hub with kept connections."""
    made = keeping(hub)
    yield made
    made.connections.close()


def pid_of(conn: psycopg.Connection) -> int:
    row = conn.execute(PID).fetchone()
    assert row is not None
    return int(row[0])


def test_a_connection_is_used_again_without_what_the_step_before_left(hub: Hub, kept: KeptHub) -> None:
    with kept.database() as conn:
        first = pid_of(conn)
        conn.execute("SELECT pg_advisory_lock(4711)")

    with kept.database() as conn, hub.database() as other:
        assert pid_of(conn) == first
        assert other.execute("SELECT pg_try_advisory_lock(4711)").fetchone() == (True,)


def test_an_error_rolls_back_and_a_step_commits(kept: KeptHub) -> None:
    with kept.database() as conn:
        conn.execute("CREATE TABLE hub.kept_test (n int)")
    with suppress(ZeroDivisionError), kept.database() as conn:
        conn.execute("INSERT INTO hub.kept_test VALUES (1)")
        raise ZeroDivisionError

    with kept.database() as conn:
        assert conn.execute("SELECT count(*) FROM hub.kept_test").fetchone() == (0,)
        conn.execute("DROP TABLE hub.kept_test")


def test_a_connection_that_the_database_ended_is_replaced(hub: Hub, kept: KeptHub) -> None:
    with kept.database() as conn:
        first = pid_of(conn)
    with hub.database() as other:
        other.execute("SELECT pg_terminate_backend(%s)", (first,))

    with kept.database() as conn:
        assert pid_of(conn) != first
