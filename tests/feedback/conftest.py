"""Rows and notices for the feedback tests: small factories with valid defaults."""

import asyncio
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncssh
import polars as pl
import pytest
import urllib3
from minio import Minio
from minio.error import MinioException
from urllib3.exceptions import HTTPError

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.notices import Notice
from exchange_hub.core.platforms import Channel, Platform
from exchange_hub.core.records import FINDING_COLUMNS, Counts, RefusalInfo
from feedback.calendar import published_calendar
from feedback.labels import REJECTED_SCHEMA
from feedback.notice import BatchOutcome, build

KEY = "SAMPLE0000000000000001"
NOW = datetime(2026, 11, 24, 10, 15, tzinfo=SHANGHAI)

Make = Callable[..., Any]


@pytest.fixture
def platform() -> Platform:
    """A trading platform that receives notices in a folder."""
    channel = Channel("folder", None, {"path": "inbox"})
    return Platform(
        "91410100MA00000000", "41010001", "郑州示范交易中心", "Zhengzhou demo centre", "410100",
        ("A",), "2.0.0", channel, channel, 60, 120, "技术负责人",
    )  # fmt: skip


@pytest.fixture
def finding() -> Make:
    """One row of a findings frame."""

    def make(**changes: Any) -> dict[str, Any]:
        row = {
            "dataset": "SECTION", "file": "data/SECTION.csv", "row": 1, "data_key": KEY, "field": "BID_SECTION_CODE",
            "rule_id": "IDN-003", "rule_version": 1, "severity": "reject", "dimension": "accuracy", "value": "A41",
            "message_zh": "标段编号不符合编码规则", "message_en": "not a section code", "expected_zh": "23 位标段编号",
        }  # fmt: skip
        assert changes.keys() <= row.keys()
        return row | changes

    return make


@pytest.fixture
def outcome(platform: Platform) -> Make:
    """A batch whose findings are given; every place with a reject finding is a rejected record."""

    def make(*findings: dict[str, Any], label: str = "某道路工程一标段", **changes: Any) -> BatchOutcome:
        frame = pl.DataFrame(
            list(findings), schema={n: pl.Int64 if t == "Int64" else pl.String for n, t in FINDING_COLUMNS}
        )
        places = frame.filter(pl.col("severity") == "reject").unique(["dataset", "file", "row"], maintain_order=True)
        rejected = places.select(
            "dataset", "file", "row", "data_key", natural_key=pl.lit("A41"), label=pl.lit(label)
        ).cast(REJECTED_SCHEMA)
        counts = Counts(10, 10 - rejected.height, rejected.height, 0, 0)
        values: dict[str, Any] = {"findings": frame, "rejected": rejected, "counts": counts} | changes
        return BatchOutcome(platform, "20261124-000001", "2.0.0", **values)

    return make


@pytest.fixture
def notice(outcome: Make, finding: Make) -> Make:
    """A notice about the findings given; without any, one rejected section."""

    def make(*findings: dict[str, Any], issued_at: datetime = NOW, **changes: Any) -> Notice:
        facts = outcome(*(findings or (finding(),)), **changes)
        return build(facts, "FK-41010001-2026-000012", issued_at, published_calendar())

    return make


@pytest.fixture
def refused(platform: Platform) -> Notice:
    """A notice about a batch refused as a whole."""
    refusal = RefusalInfo("BAD_HASH", "文件校验值不符", "the hash of a file differs", "data/SECTION.csv")
    facts = BatchOutcome(platform, "20261124-000002", "2.0.0", Counts(), refusal=refusal)
    return build(facts, "FK-41010001-2026-000013", NOW, published_calendar())


@pytest.fixture
def labels() -> dict[tuple[str, str], str]:
    """Chinese names of the fields used in these tests."""
    return {
        ("SECTION", ""): "标段（包）",
        ("SECTION", "BID_SECTION_CODE"): "标段（包）编号",
        ("SECTION", "BID_SECTION_NAME"): "标段（包）名称",
    }


@dataclass(frozen=True)
class SftpServer:
    """A running server: how to connect, and the folder that a client sees as /."""

    link: dict[str, Any]
    root: Path


class _Gate(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("centre", "a-test-password")


@pytest.fixture(scope="session")
def sftp_server() -> Iterator[SftpServer]:
    """A real SFTP server with an empty /inbox."""
    root = Path(tempfile.mkdtemp(prefix="hub-sftp-"))
    (root / "inbox").mkdir()
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()

    def files(channel: Any) -> asyncssh.SFTPServer:
        return asyncssh.SFTPServer(channel, chroot=str(root).encode())

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen("127.0.0.1", 0, server_factory=_Gate, server_host_keys=[key], sftp_factory=files)

    async def close() -> None:
        acceptor.close()
        await acceptor.wait_closed()

    acceptor = loop.run_until_complete(listen())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    host_key = key.export_public_key().decode().strip()
    link = {"host": "127.0.0.1", "port": acceptor.get_port(), "user": "centre", "secret": "a-test-password"}
    yield SftpServer(link | {"host_key": host_key}, root)
    asyncio.run_coroutine_threadsafe(close(), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(30)
    loop.close()
    shutil.rmtree(root)


@pytest.fixture(scope="session")
def other_host_key() -> str:
    """The public key of a server that is not ours."""
    return asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()


@dataclass(frozen=True)
class S3Store:
    """A running store with a bucket `inbox`: how to connect, and a client to look inside."""

    link: dict[str, Any]
    client: Minio


@pytest.fixture(scope="session")
def s3_store() -> Iterator[S3Store]:
    """A real S3 store (SeaweedFS)."""
    folder = Path(tempfile.mkdtemp(prefix="hub-s3-"))
    names = ("s3", "s3.port.grpc", "master", "volume", "filer", "master.grpc", "volume.grpc", "filer.grpc")
    with _free_ports(len(names)) as free:
        ports = dict(zip(names, free, strict=True))
    pair = {"accessKey": "hubtest", "secretKey": "a-test-secret-key"}
    identity = {"name": "test", "credentials": [pair], "actions": ["Admin", "Read", "Write", "List", "Tagging"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}), "utf-8")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(_weed(folder, ports), stdout=log, stderr=log, cwd=folder)
    pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(5))
    client = Minio(f"127.0.0.1:{ports['s3']}", "hubtest", "a-test-secret-key", secure=False, http_client=pool)
    try:
        _wait_for_bucket(client, server, folder / "log")
        link = {"host": "127.0.0.1", "port": ports["s3"], "user": "hubtest", "secret": "a-test-secret-key"}
        yield S3Store(link, client)
    finally:
        pool.clear()
        server.send_signal(signal.SIGKILL)  # it takes 15 s to leave by itself, and nothing here is worth keeping
        server.wait(30)
        shutil.rmtree(folder)
        for port in ports.values():  # SeaweedFS puts its unix sockets there and offers no other place
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 fixed in SeaweedFS
                left.unlink()


def _weed(folder: Path, ports: dict[str, int]) -> list[str]:
    beside = Path(sys.executable).with_name("weed")
    (folder / "data").mkdir()
    return [
        str(beside), "server", f"-dir={folder / 'data'}", f"-s3.config={folder / 's3.json'}", "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1", "-filer", "-filer.disableHttp", "-s3", "-s3.port.iceberg=0", "-s3.port.lance=0",
        "-master.telemetry=false", "-master.electionTimeout=1s", "-master.volumeSizeLimitMB=64", "-volume.max=20",
        "-volume.preStopSeconds=0", f"-s3.port={ports['s3']}", f"-s3.port.grpc={ports['s3.port.grpc']}",
        f"-master.port={ports['master']}", f"-master.port.grpc={ports['master.grpc']}",
        f"-volume.port={ports['volume']}", f"-volume.port.grpc={ports['volume.grpc']}",
        f"-filer.port={ports['filer']}", f"-filer.port.grpc={ports['filer.grpc']}",
    ]  # fmt: skip


@contextmanager
def _free_ports(count: int) -> Iterator[list[int]]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        yield [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _wait_for_bucket(client: Minio, server: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(240):
        try:
            client.make_bucket("inbox")
        except (MinioException, HTTPError):
            if server.poll() is not None:
                break
            time.sleep(0.25)
        else:
            return
    raise RuntimeError(f"the S3 store did not start:\n{log.read_text('utf-8', 'replace')[-3000:]}")
