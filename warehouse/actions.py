"""Who did what in the portal and over the API (操作记录): append-only, read as audit.action."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from exchange_hub.core.textsafe import storable


@dataclass(frozen=True, slots=True)
class Action:
    """One thing done or refused. `reason` never holds a secret or a personal value."""

    actor: str
    action: str
    object: str
    outcome: str = "done"
    reason: str = ""
    address: str = ""


def record(conn: Connection, done: Action, at: datetime) -> None:
    """Write it into the book."""
    values = (done.actor, done.action, done.object, done.outcome, done.reason, done.address)
    conn.execute(
        "INSERT INTO hub.action (at, actor, action, object, outcome, reason, address)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (at, *(storable(value, 400) for value in values)),
    )


def newest(conn: Connection, actors: list[str] | None, limit: int, before: int | None = None) -> list[dict[str, Any]]:
    """The newest actions, of these actors or of all; `before` is the id to go on from."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT * FROM hub.action WHERE (%(actors)s::text[] IS NULL OR actor = ANY(%(actors)s))"
            " AND (%(before)s::bigint IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s",
            {"actors": actors, "before": before, "limit": limit},
        ).fetchall()
