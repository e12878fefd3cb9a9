"""PostgreSQL 18 (内置数据库) under our own supervision: initdb, start, roles and databases.

TCP on 127.0.0.1 and a unix socket, passwords by SCRAM only. Two databases: `hub` (the warehouse, owned by the role
hub) and `airflow`. Neither role is a superuser; hub may create roles (the auditors').
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from exchange_hub.core.errors import ServiceError
from exchange_hub.core.settings import settings
from exchange_hub.embedded.postgres_place import Place, find_place, known_data
from exchange_hub.embedded.processes import Farewell, Patience, Program, kill_all, marked, start, wait_ready
from exchange_hub.embedded.state import State, write_private
from exchange_hub.embedded.surroundings import bare_environment

NAME = "postgres"
FAREWELL = Farewell(signal.SIGINT, 15.0)  # fast shutdown: ends sessions, writes a checkpoint
HOST = "127.0.0.1"
SETTINGS: Mapping[str, str] = {
    "listen_addresses": HOST,
    "max_connections": "150",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    # The logins' queries, one JSON object a line, for the query log (hub audit looked).
    "logging_collector": "on",
    "log_destination": "stderr,jsonlog",
    "log_directory": "log",
    "log_filename": "postgresql-%Y%m%d.log",
    "log_rotation_size": "0",
}


def url(role: str, password: str, port: int, database: str, scheme: str = "postgresql") -> str:
    """Address of a database with its password."""
    return f"{scheme}://{role}:{password}@{HOST}:{port}/{database}"


def data_folder(state: State) -> Path:
    """Where the data lie (or would lie)."""
    return known_data(state)


def launch(state: State, port: int, secrets: Mapping[str, str]) -> None:
    """Start PostgreSQL; first create the data directory where there is none. See `wait_until_ready`.

    Raises:
        ServiceError: it cannot be created or started.
    """
    place = find_place(state)
    if not (place.data / "PG_VERSION").is_file():
        _create(state, place, secrets["postgres_password"])
    _clear_remains(state, place)
    sockets = place.sockets
    options = {
        **SETTINGS,
        **_archiving(place),
        "port": str(port),
        "unix_socket_directories": str(sockets) if sockets else "",
    }
    flags = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
    command = (str(place.programs / "postgres"), "-D", str(place.data), *flags)
    start(state, Program(NAME, command, bare_environment(), place.data, place.user))


def wait_until_ready(state: State, port: int, secrets: Mapping[str, str], patience: Patience) -> None:
    """Wait until the server takes connections: after its start, or while it recovers from a crash.

    Raises:
        ServiceError: it ended or does not answer in time.
    """
    wait_ready(state, NAME, lambda: answers(port, "postgres", secrets["postgres_password"], "postgres"), patience)


def _archiving(place: Place) -> dict[str, str]:
    """Settings that keep every piece of the log in `wal_archive`, so that a restore can reach any moment."""
    archive = settings().wal_archive
    if archive is None:
        return {}
    archive.mkdir(mode=0o700, parents=True, exist_ok=True)
    if place.user is not None:
        os.chown(archive, *place.user)
    # written aside first: a crash never leaves half a segment under its name
    command = f"test -f '{archive}/%f' || (cp '%p' '{archive}/.%f' && mv '{archive}/.%f' '{archive}/%f')"
    return {"archive_mode": "on", "archive_command": command, "archive_timeout": "60"}


def answers(port: int, role: str, password: str, database: str) -> bool:
    """Whether the server lets this role in.

    Raises:
        ServiceError: it refuses the password: the data belong to another set of secrets.
    """
    try:
        with _connect(port, role, password, database) as connection:
            row = connection.execute("select pg_is_in_recovery()").fetchone()
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise ServiceError(
                "SECRETS_LOST",
                "数据库口令与 secrets.json 不符（状态目录被部分删除？）",
                "the database refuses the password of secrets.json: was the state folder deleted in part?",
            ) from error
        return False
    return row == (False,)  # a restored database first replays its log


def ensure_databases(state: State, port: int, secrets: Mapping[str, str]) -> None:
    """Create the roles and databases that are missing, and the password file for psql (`pgpass`, 0600)."""
    owners = {"hub": secrets["hub_password"], "airflow": secrets["airflow_db_password"]}
    with _connect(port, "postgres", secrets["postgres_password"], "postgres") as connection:
        for name, password in owners.items():
            if not _exists(connection, "select 1 from pg_roles where rolname = %s", name):
                connection.execute(
                    sql.SQL("create role {} login {} password {}").format(
                        sql.Identifier(name),
                        sql.SQL("createrole" if name == "hub" else ""),
                        sql.Literal(password),
                    )
                )
            if not _exists(connection, "select 1 from pg_database where datname = %s", name):
                connection.execute(sql.SQL("create database {0} owner {0}").format(sql.Identifier(name)))
                # a database is open to every role unless this is said
                connection.execute(sql.SQL("revoke connect on database {} from public").format(sql.Identifier(name)))
    _close(port, secrets["postgres_password"])
    write_private(state.home / "pgpass", f"{HOST}:{port}:hub:hub:{secrets['hub_password']}\n")


def _close(port: int, password: str) -> None:
    """Take from readers of the warehouse what they could do harm with, and let its owner log their queries."""
    from warehouse.access import closing_statements

    with _connect(port, "postgres", password, "hub") as connection:
        for statement in closing_statements("hub"):
            connection.execute(statement)


def _exists(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query.encode(), (name,)).fetchone() is not None


def _connect(port: int, role: str, password: str, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host=HOST, port=port, user=role, password=password, dbname=database, connect_timeout=3, autocommit=True
    )


def _create(state: State, place: Place, password: str) -> None:
    """Run initdb in a draft folder that takes its place only when complete."""
    draft, pass_file = place.base / "data.draft", place.base / "first-password"
    shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(place.data, ignore_errors=True)  # no PG_VERSION: nothing was ever stored there
    place.private(draft)
    write_private(pass_file, password)
    user, group = place.user or (None, None)
    if place.user is not None:
        os.chown(pass_file, *place.user)
    command = [str(place.programs / "initdb"), "-D", str(draft), "-U", "postgres", f"--pwfile={pass_file}"]
    command += ["--no-instructions", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    with state.log(NAME).open("ab") as log:
        done = subprocess.run(
            command,
            cwd=draft,
            user=user,
            group=group,
            extra_groups=None if place.user is None else [],
            env=bare_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=False,
        )
    pass_file.unlink()
    if done.returncode != 0:
        raise ServiceError("INITDB_FAILED", "无法创建数据库目录", "initdb failed; see its log", str(state.log(NAME)))
    draft.rename(place.data)


def _clear_remains(state: State, place: Place) -> None:
    """After a crash or a restart of the machine: PostgreSQL trusts the pid in its lock files, which may by now be
    any program's. We know better: nothing works in this data directory once our processes are gone."""
    left = kill_all(lambda: [pid for pid in marked(state, place.data) if _works_in(pid, place.data)])
    if left:
        raise ServiceError("POSTGRES_STUCK", "旧的数据库进程无法结束", f"old PostgreSQL processes do not end: {left}")
    (place.data / "postmaster.pid").unlink(missing_ok=True)
    if place.sockets is not None:
        shutil.rmtree(place.sockets, ignore_errors=True)
        place.private(place.sockets)


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == folder
    except OSError:
        return False
