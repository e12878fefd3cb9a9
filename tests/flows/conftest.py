"""A hub on real servers: PostgreSQL and an S3 store of the embedded stack, the folder platform as sender."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange_hub.embedded import stack
from exchange_hub.flows.context import Hub, open_hub


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """PostgreSQL, S3 and SFTP of an embedded stack in a folder of its own, stopped afterwards."""
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
def inbox(hub: Hub) -> Path:
    """Where the folder platform receives its notices."""
    connections = json.loads((Path(os.environ["HUB_HOME"]) / "connections.json").read_text("utf-8"))
    return Path(connections["demo_nanyang_folder"]["path"]) / "inbox"
