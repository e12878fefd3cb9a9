"""The stack with its real servers, in a state folder of its own."""

import http.client
import io
import json
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import psutil
import psycopg
import pytest
import urllib3
from minio import Minio

from exchange_hub.core.connections import connection
from exchange_hub.core.errors import UsageError
from exchange_hub.core.settings import home, settings
from exchange_hub.embedded import postgres, stack
from exchange_hub.embedded.processes import kill_all, marked
from exchange_hub.embedded.state import State

BASE = ("postgres", "s3", "sftp")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for variable in ("HUB_DATABASE_URL", "HUB_S3_ENDPOINT", "HUB_S3_ACCESS_KEY", "HUB_S3_SECRET_KEY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "home"))
    yield home()
    stack.down(lambda _: None, delete=True)


def quiet(_: str) -> None:
    return None


def left(place: Path) -> list[int]:
    state = State(place)
    return marked(state, postgres.data_folder(state))


def pids(found: stack.StackStatus) -> dict[str, int | None]:
    return {service.name: service.pid for service in found.services}


def client() -> Minio:
    now = settings()
    assert now.s3_endpoint is not None
    assert now.s3_access_key is not None
    assert now.s3_secret_key is not None
    return Minio(
        now.s3_endpoint,
        access_key=now.s3_access_key.get_secret_value(),
        secret_key=now.s3_secret_key.get_secret_value(),
        secure=False,
        http_client=urllib3.PoolManager(retries=False, timeout=10),
    )


def select(query: str) -> object:
    with psycopg.connect(settings().database()) as database:
        row = database.execute(query.encode()).fetchone()
        return None if row is None else row[0]


@pytest.mark.stack
def test_the_stack_comes_up_heals_and_leaves_no_process(place: Path) -> None:
    first = stack.up(BASE, quiet)
    assert all(first.service(name).healthy for name in BASE)
    assert select("select to_regclass('audit.batch') is not null")
    with psycopg.connect(settings().database()) as database:
        database.execute("create table kept (n int)")
        database.execute("insert into kept values (7)")
    store = client()
    assert {bucket.name for bucket in store.list_buckets()} >= {"hub-evidence", "hub-work", "hub-drop-luoyang"}
    store.put_object("hub-evidence", "kept", io.BytesIO(b"bytes"), 5)

    again = stack.up(BASE, quiet)
    assert pids(again) == pids(first)

    for name in BASE:
        pid = first.service(name).pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    healed = stack.up(BASE, quiet)
    assert all(healed.service(name).healthy for name in BASE)
    assert {healed.service(name).pid for name in BASE}.isdisjoint(first.service(name).pid for name in BASE)
    assert healed.service("postgres").address == first.service("postgres").address
    assert select("select n from kept") == 7
    assert client().get_object("hub-evidence", "kept").read() == b"bytes"

    stack.down(quiet)
    assert left(place) == []
    assert not stack.status().up
    assert settings().database_url is None
    stack.down(quiet)


@pytest.mark.stack
def test_a_restarted_machine_leaves_stale_files_that_do_no_harm(place: Path) -> None:
    stack.up(["postgres"], quiet)
    state = State(place)
    data = postgres.data_folder(state)
    kill_all(lambda: marked(state, data))
    # after a restart the pid of the lock file is some other program's: here PID 1, which always lives
    lock = (data / "postmaster.pid").read_text("ascii").splitlines()
    (data / "postmaster.pid").write_text("\n".join(["1", *lock[1:]]) + "\n", "ascii")
    state.write("pids/postgres.json", {"pid": 1, "started": "an earlier boot:5", "at": 0})

    healed = stack.up(["postgres"], quiet)

    assert healed.service("postgres").healthy
    assert healed.service("postgres").pid != 1

    # a backend killed: the server recovers by itself and refuses everyone meanwhile, which `hub up` waits for
    server = psutil.Process(healed.service("postgres").pid)
    os.kill(server.children()[0].pid, signal.SIGKILL)

    assert stack.up(["postgres"], quiet).service("postgres").healthy


@pytest.mark.stack
def test_the_platforms_server_lets_only_its_own_in_and_out(place: Path) -> None:
    stack.up(["sftp"], quiet)
    entry = connection("demo_zhengzhou_sftp")
    server = (place / "platforms" / "zhengzhou").resolve()
    (server / "outgoing" / "a.txt").write_text("a", "utf-8")

    async def visit() -> list[str]:
        known = asyncssh.import_known_hosts(f"[{entry.host}]:{entry.port} {entry.host_key}\n")
        options = {"username": entry.user, "known_hosts": known, "config": None, "agent_path": None}
        key = asyncssh.import_private_key(entry.private_key)
        async with (
            asyncssh.connect(entry.host, entry.port, client_keys=[key], **options) as by_key,
            by_key.start_sftp_client() as files,
        ):
            names = sorted(str(name) for name in await files.listdir("/") if name not in (".", ".."))
            with pytest.raises(asyncssh.SFTPPermissionDenied):
                await files.symlink("/outgoing", "/link")
            assert not await files.exists("/../../secrets.json")
        async with asyncssh.connect(entry.host, entry.port, password=entry.secret, client_keys=None, **options):
            pass
        with pytest.raises(asyncssh.PermissionDenied):
            await asyncssh.connect(entry.host, entry.port, password="wrong", client_keys=None, **options)
        return names

    import asyncio

    assert asyncio.run(visit()) == ["inbox", "outgoing"]


@pytest.mark.stack
def test_secrets_are_private_and_the_status_tells_none(place: Path) -> None:
    found = stack.up(["postgres"], quiet)

    for name in ("stack.json", "connections.json", "secrets.json", "pgpass"):
        assert stat.S_IMODE((place / name).stat().st_mode) == 0o600
    password = json.loads((place / "secrets.json").read_text("utf-8"))["hub_password"]
    assert password not in json.dumps(found.as_json())
    assert password not in (found.database_url() or "")
    assert password in (found.database_url(with_password=True) or "")
    with pytest.raises(UsageError, match="already runs on port"):
        stack.up(["postgres"], quiet, ports={"postgres": 29999})
    hint = found.psql
    assert hint is not None
    answer = subprocess.run(
        [
            *("psql", "-h", str(hint["host"]), "-p", str(hint["port"]), "-U", str(hint["user"])),
            *("-d", str(hint["dbname"]), "-w", "-Atc", "select current_user"),
        ],
        env={**os.environ, "PGPASSFILE": str(hint["passfile"])},
        capture_output=True,
        text=True,
        check=True,
        executable=str(stack.postgres_place.wheel_programs() / "psql"),
    )
    assert answer.stdout == "hub\n"


@pytest.mark.airflow
def test_airflow_becomes_healthy_and_leaves_no_process(place: Path) -> None:
    said: list[str] = []

    found = stack.up(["airflow"], said.append)

    port = int((found.service("airflow-api").address or "").rpartition(":")[2])
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    asking.request("GET", "/api/v2/monitor/health")
    health = json.loads(asking.getresponse().read())
    asking.close()
    assert {part: health[part]["status"] for part in ("metadatabase", "scheduler", "dag_processor", "triggerer")} == (
        dict.fromkeys(("metadatabase", "scheduler", "dag_processor", "triggerer"), "healthy")
    )
    password = json.loads((place / "airflow" / "passwords.json").read_text("utf-8"))["admin"]
    assert sum(password in line for line in said) == 1
    stack.down(quiet)
    assert left(place) == []
