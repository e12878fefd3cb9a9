"""A portal as `hub up` starts it, with keys of two platforms."""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from exchange_hub.core.clock import system_now
from exchange_hub.core.settings import settings
from exchange_hub.embedded import stack
from exchange_hub.flows.context import Hub
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
