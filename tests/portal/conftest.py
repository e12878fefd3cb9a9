"""A portal as `hub up` starts it, with keys of two platforms."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from exchange_hub.core.clock import system_now
from exchange_hub.core.settings import settings
from exchange_hub.embedded import stack
from exchange_hub.flows.accounts import change_password, create_account
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import ingest
from exchange_hub.flows.keys import create_key
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from ingest.package import pack

NANYANG = "12411300MA3DEM035H"
LUOYANG = "12410300MA3DEM027A"
SEEDS = count(5_000)


@pytest.fixture(scope="session")
def portal_url(hub: Hub) -> str:
    """Address of a running portal; it ends with the stack."""
    stack.up(["portal"], lambda _: None)
    url = settings().portal_url
    assert url is not None
    return url


@pytest.fixture(scope="session")
def client_of(hub: Hub, portal_url: str) -> Iterator[Callable[[str], httpx.Client]]:
    """A function that makes an HTTP client with a key of that platform."""
    made: list[httpx.Client] = []

    def make(platform: str) -> httpx.Client:
        _, text = create_key(hub, platform, "tests", "tests", system_now())
        headers = {"Authorization": f"Bearer {text}"}
        made.append(httpx.Client(base_url=portal_url, headers=headers, timeout=30, trust_env=False))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture(scope="session")
def nanyang(client_of: Callable[[str], httpx.Client]) -> httpx.Client:
    """The centre of Nanyang."""
    return client_of(NANYANG)


@pytest.fixture(scope="session")
def luoyang(client_of: Callable[[str], httpx.Client]) -> httpx.Client:
    """The centre of Luoyang."""
    return client_of(LUOYANG)


@pytest.fixture
def package(tmp_path: Path) -> Callable[..., bytes]:
    """A function that makes a package as bytes; the same batch_no and seed give the same content."""

    def make(batch_no: str, **options: Any) -> bytes:
        chosen = {"platform": NANYANG, "seed": next(SEEDS), **options}
        folder = tmp_path / f"{batch_no}-{os.urandom(3).hex()}"
        write_package(folder, SampleOptions(batch_no=batch_no, **chosen))
        return pack(folder, folder.with_suffix(".tar.gz")).read_bytes()

    return make


PASSWORD = "Yellow-River-2026"
LOGINS = count(1)
ADDRESSES = count(1)


@pytest.fixture(scope="session")
def person(hub: Hub) -> Callable[..., str]:
    """A function that makes an account whose password is already its person's own; returns the login."""
    from warehouse import accounts
    from warehouse.accounts import NewAccount

    def make(kind: str = "platform", **options: Any) -> str:
        login, now = f"person{next(LOGINS)}", system_now()
        chosen = {"platform_code": NANYANG} if kind == "platform" else {"region": "410000"} if kind == "office" else {}
        first = create_account(hub, NewAccount(login, "李明", kind, **{**chosen, **options}), "tests", now)
        with hub.database() as conn:
            account = accounts.find(conn, login)
        assert account is not None
        change_password(hub, account, first, PASSWORD, now + timedelta(seconds=1))
        return login

    return make


@pytest.fixture
def visit(portal_url: str, person: Callable[..., str]) -> Iterator[Callable[..., httpx.Client]]:
    """A function that signs a new person in and returns a client with the session."""
    made: list[httpx.Client] = []

    def enter(kind: str = "platform", **options: Any) -> httpx.Client:
        # from an address of its own: one address may sign in twenty times a minute, which these tests would do
        home = f"127.0.{next(ADDRESSES) % 250}.2" if sys.platform == "linux" else None
        way, headers = httpx.HTTPTransport(local_address=home), {"Accept": "text/html"}
        client = httpx.Client(base_url=portal_url, timeout=30, trust_env=False, headers=headers, transport=way)
        made.append(client)
        answer = client.post("/sign-in", data={"login": person(kind, **options), "password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        return client

    yield enter
    for client in made:
        client.close()


@pytest.fixture
def csrf() -> Callable[[httpx.Client], str]:
    """A function that reads the form token of a visitor's session."""

    def token(client: httpx.Client) -> str:
        return client.get("/account").text.split('name="csrf" value="')[1].split('"')[0]

    return token


@pytest.fixture
def faulty(hub: Hub, package: Callable[..., bytes], tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """A function that takes a faulty package of Nanyang the whole way and returns its report."""

    def make(batch_no: str, **options: Any) -> dict[str, Any]:
        path = tmp_path / f"{batch_no}.tar.gz"
        path.write_bytes(package(batch_no, **{"projects": 2, "faults": 10.0, **options}))
        sender = str(options.get("platform", NANYANG))
        return ingest(hub, path, system_now(), channel="folder", sender=sender)

    return make


@pytest.fixture
def hostile(package: Callable[..., bytes], tmp_path: Path) -> Callable[[str, str], bytes]:
    """A function that makes a package whose first project carries `value` in its name and its region code."""

    def make(batch_no: str, value: str) -> bytes:
        folder = tmp_path / batch_no
        write_package(folder, SampleOptions(platform=NANYANG, seed=next(SEEDS), batch_no=batch_no, format="jsonl"))
        data = folder / "data" / "PROJECT.jsonl"
        first, *rest = data.read_text("utf-8").splitlines()
        changed = {**json.loads(first), "PROJECT_NAME": value, "REGION_CODE": value}
        data.write_text("\n".join([json.dumps(changed, ensure_ascii=False), *rest]) + "\n", "utf-8")
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        for entry in manifest["files"]:
            if entry["path"] == "data/PROJECT.jsonl":
                entry["sha256"] = hashlib.sha256(data.read_bytes()).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        return pack(folder, tmp_path / f"{batch_no}.tar.gz").read_bytes()

    return make
