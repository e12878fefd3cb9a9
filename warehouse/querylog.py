"""Who looked at what (查询日志): the logins' statements, taken over from the server's own log.

The server writes every statement of a login (`log_statement = all`, which the login cannot switch off) to its JSON
log. From there they come into `hub.query_log`; taking the same file again adds nothing.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg import Connection

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import ConfigurationError
from warehouse.access import OWN

ZONES = {"CST": SHANGHAI, "UTC": UTC, "GMT": UTC}
SAID = ("statement: ", "execute ")


def log_files(conn: Connection) -> list[Path]:
    """JSON logs of the server, where this machine is the server's and they may be read.

    Raises:
        ConfigurationError: the server writes no JSON log.
    """
    row = conn.execute(
        "SELECT current_setting('log_destination'), current_setting('log_directory'),"
        " (SELECT setting FROM pg_settings WHERE name = 'data_directory')"
    ).fetchone()
    if row is None or "jsonlog" not in row[0]:
        raise ConfigurationError(
            "NO_JSON_LOG",
            "数据库未写 JSON 日志；请设置 logging_collector=on、log_destination=jsonlog",
            "the server writes no JSON log: set logging_collector=on and log_destination=jsonlog",
        )
    folder = Path(row[1]) if Path(row[1]).is_absolute() else Path(row[2] or "") / row[1]
    return sorted(folder.glob("*.json"))


def take_over(conn: Connection, paths: Iterable[Path]) -> int:
    """Take the logins' statements from JSON logs; returns how many were new. The caller commits.

    A line that the server is still writing is left for the next time.
    """
    logins = _logins(conn)
    taken = 0
    for path in paths:
        with path.open(encoding="utf-8", errors="replace") as lines:
            rows = [_row(entry) for entry in _entries(lines) if entry.get("user") in logins and _ours(conn, entry)]
        for row in rows:
            taken += conn.execute(
                "INSERT INTO hub.query_log (at, login, session, line, client, application, statement)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (session, line) DO NOTHING",
                row,
            ).rowcount
    return taken


def _logins(conn: Connection) -> set[str]:
    rows = conn.execute("SELECT rolname FROM pg_roles WHERE shobj_description(oid, 'pg_authid') = %s", (OWN,))
    return {row[0] for row in rows}


def _entries(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield entry


def _ours(conn: Connection, entry: dict[str, Any]) -> bool:
    return entry.get("dbname") == conn.info.dbname and str(entry.get("message", "")).startswith(SAID)


def _row(entry: dict[str, Any]) -> tuple[Any, ...]:
    moment, _, zone = str(entry["timestamp"]).rpartition(" ")
    if zone not in ZONES:
        raise ConfigurationError(
            "LOG_ZONE",
            f"日志时区 {zone} 无法识别；请设置 log_timezone = 'Asia/Shanghai'",
            f"zone {zone} of the log is not understood: set log_timezone = 'Asia/Shanghai'",
        )
    at = datetime.fromisoformat(moment).replace(tzinfo=ZONES[zone])
    words = (entry.get("remote_host", ""), entry.get("application_name", ""), _statement(str(entry["message"])))
    return at, entry["user"], entry["session_id"], entry["line_num"], *words


def _statement(message: str) -> str:
    return message.split(": ", 1)[1]
