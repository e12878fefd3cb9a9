"""SFTP over lines that break, files that are not finished: nothing half is ever taken (a real server, a real cut)."""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from uuid import uuid4

import pytest

from exchange_hub.core.connections import connection
from exchange_hub.core.errors import ServiceError
from exchange_hub.core.platforms import Platform
from ingest.registry import load_platforms
from ingest.transports.sftp import SftpTransport

# paramiko reads ahead in a thread of its own, which dies with its line
pytestmark = [pytest.mark.stack, pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")]

ZHENGZHOU = next(platform for platform in load_platforms().values() if platform.transport.kind == "sftp")
CONTENT = os.urandom(6_000_000)


def at(folder: str, **options: str) -> Platform:
    merged = {"path": f"/{folder}", "ready": "renamed", **options}
    return replace(ZHENGZHOU, transport=replace(ZHENGZHOU.transport, options=merged))


@pytest.fixture
def folder(servers: Path) -> Path:
    made = servers / "platforms" / "zhengzhou" / f"t-{uuid4().hex}"
    made.mkdir()
    return made


@pytest.fixture
def cutting(monkeypatch: pytest.MonkeyPatch, servers: Path) -> Iterator[Callable[[list[int]], Platform]]:
    """A function that puts a line before the server which is cut after so many bytes, once for each number."""
    assert servers
    real = connection(ZHENGZHOU.transport.connection or "")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(cuts: list[int]) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=carry, args=(client, cuts.pop(0) if cuts else None), daemon=True).start()

    def carry(client: socket.socket, cut: int | None) -> None:
        server = socket.create_connection((real.host, real.port))
        threading.Thread(target=pump, args=(client, server, None), daemon=True).start()
        pump(server, client, cut)

    def pump(source: socket.socket, target: socket.socket, cut: int | None) -> None:
        passed = 0
        try:
            while (block := source.recv(65536)) and (cut is None or passed < cut):
                target.sendall(block)
                passed += len(block)
        except OSError:
            pass
        for end in (source, target):
            end.close()

    def put(cuts: list[int]) -> Platform:
        threading.Thread(target=serve, args=(cuts,), daemon=True).start()
        told = {**asdict(real), "port": listener.getsockname()[1]}
        monkeypatch.setenv("HUB_CONN_CUT", json.dumps(told))
        return replace(ZHENGZHOU, transport=replace(ZHENGZHOU.transport, connection="cut"))

    yield put
    listener.close()


def test_a_file_is_read_on_where_the_line_was_cut(
    folder: Path, cutting: Callable[[list[int]], Platform], tmp_path: Path
) -> None:
    (folder / "a.zip").write_bytes(CONTENT)
    [offer] = SftpTransport(at(folder.name)).discover()
    card = cutting([2_500_000, 2_500_000])
    cut = replace(card, transport=replace(card.transport, options=at(folder.name).transport.options))

    fetched = SftpTransport(cut).fetch(offer, tmp_path)

    assert fetched.read_bytes() == CONTENT


def test_a_line_that_brings_nothing_is_given_up(
    folder: Path, cutting: Callable[[list[int]], Platform], tmp_path: Path
) -> None:
    (folder / "a.zip").write_bytes(CONTENT)
    [offer] = SftpTransport(at(folder.name)).discover()
    card = cutting([10_000] * 50)
    cut = replace(card, transport=replace(card.transport, options=at(folder.name).transport.options))

    with pytest.raises(ServiceError, match="TRANSPORT_FAILED"):
        SftpTransport(cut).fetch(offer, tmp_path)


def test_a_file_that_grows_while_it_is_read_is_left_for_the_next_round(folder: Path, tmp_path: Path) -> None:
    (folder / "a.zip").write_bytes(b"half")
    transport = SftpTransport(at(folder.name))
    [offer] = transport.discover()
    (folder / "a.zip").write_bytes(b"half and more")

    with pytest.raises(ServiceError, match="SOURCE_CHANGED"):
        transport.fetch(offer, tmp_path)


def test_with_a_marker_agreed_only_marked_files_are_ready_and_the_marker_goes_with_its_file(folder: Path) -> None:
    transport = SftpTransport(at(folder.name, ready="marker:.ok"))
    for name in ("a.zip", "b.zip", "b.zip.ok", "c.zip.ok"):
        (folder / name).write_bytes(b"x")

    [offer] = transport.discover()
    transport.settle(offer, "done")

    assert offer.name == "b.zip"
    assert sorted(path.name for path in folder.iterdir()) == ["a.zip", "c.zip.ok", "done"]
    assert transport.discover() == []
