"""Packages come in once and whole: a real SFTP server, a real S3 store, a folder."""

import json
import os
import socket
import time
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from minio import Minio

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.connections import connection
from exchange_hub.core.errors import ConfigurationError, ServiceError, UsageError
from exchange_hub.core.platforms import Channel, Platform
from exchange_hub.core.s3 import make_client
from ingest.package import Limits, open_package
from ingest.registry import load_platforms
from ingest.transports.base import Offer, Transport
from ingest.transports.folder import FolderTransport
from ingest.transports.opening import open_transport
from ingest.transports.s3 import S3Transport
from ingest.transports.sftp import SftpTransport

pytestmark = pytest.mark.stack

PLATFORMS = {platform.transport.kind: platform for platform in load_platforms().values()}
KINDS = ["sftp", "s3", "folder"]
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)


def ready(platform: Platform, **options: str) -> Platform:
    """The demo platform in a place of its own, its files ready at once."""
    merged = {**platform.transport.options, **options}
    if platform.transport.kind != "s3":
        merged["ready"] = options.get("ready", "renamed")
    return replace(platform, transport=replace(platform.transport, options=merged))


class Place:
    """An empty place of one test on the real servers."""

    def __init__(self, home: Path) -> None:
        self.name = f"t-{uuid4().hex}"
        self.home = home / "platforms"

    def folder(self, kind: str) -> Path:
        """The place as the server sees it."""
        return self.home / {"sftp": "zhengzhou", "folder": "nanyang"}[kind] / self.name

    def open(self, kind: str, **options: str) -> Transport:
        """A transport that takes packages from here."""
        if kind == "s3":
            return open_transport(ready(PLATFORMS[kind], prefix=f"{self.name}/", **options))
        self.folder(kind).mkdir(exist_ok=True)
        return open_transport(ready(PLATFORMS[kind], path=f"/{self.name}" if kind == "sftp" else self.name, **options))


@pytest.fixture
def place(servers: Path) -> Place:
    """An empty place on the real servers."""
    return Place(servers)


@pytest.fixture
def package(tmp_path: Path, kit: SimpleNamespace) -> Path:
    """A good package of more than one read window."""
    path = tmp_path / "batch-17.zip"
    path.write_bytes(kit.zip(kit.members() | {"attachments/a.bin": os.urandom(2_500_000)}))
    return path


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("outcome", ["done", "refused"])
def test_a_package_is_offered_fetched_whole_and_taken_once(
    place: Place, package: Path, tmp_path: Path, kind: str, outcome: str
) -> None:
    transport = place.open(kind)
    address = transport.submit(package)

    (offer,) = transport.discover()
    fetched = transport.fetch(offer, Path(mkdtemp(dir=tmp_path)))
    content = fetched.read_bytes()
    transport.settle(offer, outcome)
    transport.settle(offer, outcome)

    assert address.endswith("/batch-17.zip")
    assert (offer.name, offer.size) == ("batch-17.zip", package.stat().st_size)
    assert content == package.read_bytes()
    assert transport.discover() == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_package_that_was_settled_can_be_fetched_again_by_its_offer(
    place: Place, package: Path, tmp_path: Path, kind: str
) -> None:
    transport = place.open(kind)
    for content in (b"first", package.read_bytes()):  # the second is put beside the first of the same name
        package.write_bytes(content)
        transport.submit(package)
        [offer] = transport.discover()
        transport.settle(offer, "done")
    (tmp_path / "again").mkdir()

    fetched = transport.fetch(offer, tmp_path / "again")

    assert fetched.read_bytes() == package.read_bytes()
    with pytest.raises(ServiceError, match="SOURCE_CHANGED"):
        transport.fetch(replace(offer, stamp="another"), tmp_path / "again")


@pytest.mark.parametrize("kind", KINDS)
def test_a_later_package_of_the_same_name_does_not_replace_the_taken_one(
    place: Place, package: Path, tmp_path: Path, kind: str, kit: SimpleNamespace
) -> None:
    transport = place.open(kind)
    transport.submit(package)
    (first,) = transport.discover()
    package.write_bytes(kit.zip(kit.members()))
    transport.submit(package)

    transport.settle(first, "done")  # the offer is no longer what lies there
    (second,) = transport.discover()
    transport.settle(second, "done")
    package.write_bytes(b"third")
    transport.submit(package)
    (third,) = transport.discover()
    transport.settle(third, "done")

    assert transport.discover() == []
    assert len({first.stamp, second.stamp, third.stamp}) == 3
    with pytest.raises(ServiceError):
        transport.fetch(first, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_plain_folder_is_handed_in_as_an_archive(
    place: Place, tmp_path: Path, kit: SimpleNamespace, kind: str
) -> None:
    transport = place.open(kind)
    transport.submit(kit.folder(tmp_path / "batch", kit.members()))

    (offer,) = transport.discover()
    fetched = transport.fetch(offer, tmp_path)

    assert open_package(fetched, tmp_path / "work", Limits()).manifest.platform_code == kit.platform


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_package_cannot_be_handed_in(place: Place, tmp_path: Path, kind: str) -> None:
    (tmp_path / "note.txt").write_text("x")

    for path in (tmp_path / "note.txt", tmp_path / "missing.zip"):
        with pytest.raises(UsageError):
            place.open(kind).submit(path)


@pytest.mark.parametrize("kind", ["sftp", "folder"])
def test_half_written_young_and_strange_files_are_left(place: Place, kind: str) -> None:
    transport = place.open(kind, ready="seconds:3600")
    ready_now = place.open(kind)
    here = place.folder(kind)
    for name in ("a.zip.part", "b.tmp", "c.zip.filepart", ".d.zip", "readme.txt"):
        (here / name).write_bytes(b"x")
    (here / "folder.zip").mkdir()
    (here / "young.zip").write_bytes(b"x")
    (here / "old.tar.gz").write_bytes(b"x")
    os.utime(here / "old.tar.gz", (1_700_000_000, 1_700_000_000))

    assert [offer.name for offer in transport.discover()] == ["old.tar.gz"]
    assert [offer.name for offer in ready_now.discover()] == ["old.tar.gz", "young.zip"]


@pytest.mark.parametrize("kind", ["sftp", "folder"])
def test_a_file_that_grows_while_it_is_read_waits_for_the_next_round(
    place: Place, package: Path, tmp_path: Path, kind: str
) -> None:
    transport = place.open(kind)
    transport.submit(package)
    (offer,) = transport.discover()
    with (place.folder(kind) / package.name).open("ab") as more:
        more.write(b"more")

    with pytest.raises(ServiceError) as caught:
        transport.fetch(offer, tmp_path)

    assert caught.value.code == "SOURCE_CHANGED"


def test_a_plain_folder_lying_in_the_watched_folder_is_a_package(
    place: Place, tmp_path: Path, kit: SimpleNamespace
) -> None:
    transport = place.open("folder")
    here = place.folder("folder")
    kit.folder(here / "batch-18", kit.members())
    (here / "no-package").mkdir()

    (offer,) = transport.discover()
    fetched = transport.fetch(offer, tmp_path)
    transport.settle(offer, "done")

    assert open_package(fetched, tmp_path / "work", Limits()).manifest.batch_no == "20261123-000017"
    assert (here / "done" / "batch-18" / "manifest.json").is_file()
    assert transport.discover() == []


def _linked(monkeypatch: pytest.MonkeyPatch, **link: Any) -> Platform:
    monkeypatch.setenv("HUB_CONN_TEST_SFTP", json.dumps(link))
    channel = Channel("sftp", "test_sftp", {"path": "/outgoing"})
    return replace(PLATFORMS["sftp"], transport=channel)


def _demo_link() -> dict[str, Any]:
    link = connection("demo_zhengzhou_sftp")
    return {"host": link.host, "port": link.port, "user": link.user, "secret": link.secret, "host_key": link.host_key}


def test_a_server_with_another_key_is_not_spoken_to(servers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    platform = _linked(monkeypatch, **_demo_link() | {"host_key": other})

    with pytest.raises(ServiceError, match="host key"):
        open_transport(platform).discover()


def test_a_connection_without_host_key_is_our_error(servers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = _linked(monkeypatch, **_demo_link() | {"host_key": ""})

    with pytest.raises(ConfigurationError):
        open_transport(platform).discover()


@pytest.mark.parametrize("change", ["secret", "silent", "closed"])
def test_a_failing_server_is_a_service_error_that_tells_no_secret(
    servers: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setenv("HUB_SFTP_TIMEOUT_SECONDS", "1")
    link = _demo_link()
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if change == "secret":
            link["secret"] = "not-the-password"
        else:
            link["port"] = silent.getsockname()[1]
        if change == "silent":
            silent.listen()

        with pytest.raises(ServiceError) as caught:
            open_transport(_linked(monkeypatch, **link)).discover()

    assert caught.value.code == "TRANSPORT_FAILED"
    assert "郑州" in caught.value.message_zh
    assert link["secret"] not in str(caught.value)


def test_the_password_alone_lets_in(servers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_transport(_linked(monkeypatch, **_demo_link())).discover() == []


def test_a_store_that_refuses_is_a_service_error(servers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = connection("demo_luoyang_s3")
    wrong = {"host": link.host, "port": link.port, "user": link.user, "secret": "not-the-secret"}
    monkeypatch.setenv("HUB_CONN_TEST_S3", json.dumps(wrong))
    platform = replace(PLATFORMS["s3"], transport=Channel("s3", "test_s3", {"bucket": "hub-drop-luoyang"}))

    with pytest.raises(ServiceError) as caught:
        open_transport(platform).discover()

    assert "not-the-secret" not in str(caught.value)


def test_objects_below_folders_of_the_bucket_are_found_by_key(servers: Path, tmp_path: Path) -> None:
    link = connection("demo_luoyang_s3")
    client = make_client(f"{link.host}:{link.port}", link.user, link.secret, secure=False)
    (tmp_path / "x.zip").write_bytes(b"x")
    client.fput_object("hub-drop-luoyang", "deep/2026/x.zip", str(tmp_path / "x.zip"))
    transport = open_transport(ready(PLATFORMS["s3"], prefix="deep/"))

    (offer,) = transport.discover()
    transport.settle(offer, "refused")

    assert offer.name == "2026/x.zip"
    assert [o.object_name for o in client.list_objects("hub-drop-luoyang", "deep/", recursive=True)] == [
        "deep/refused/2026/x.zip"
    ]


def test_a_folder_outside_its_connection_is_our_error(servers: Path) -> None:
    with pytest.raises(ConfigurationError):
        open_transport(ready(PLATFORMS["folder"], path="../../elsewhere"))


def test_an_unknown_channel_is_our_error() -> None:
    platform = replace(PLATFORMS["folder"], transport=Channel("ftp", "x", {}))

    with pytest.raises(ConfigurationError):
        open_transport(platform)


def test_a_platform_that_hands_in_over_http_has_nothing_to_be_fetched_and_is_told_how(tmp_path: Path) -> None:
    transport = open_transport(replace(PLATFORMS["folder"], transport=Channel("http", "x", {})))

    with transport:
        assert transport.discover() == []
    with pytest.raises(UsageError, match="POST /api/v1/batches"):
        transport.submit(tmp_path)


def test_an_offer_can_travel_as_plain_data() -> None:
    offer = Offer("a.zip", 1, "s")

    assert Offer(**json.loads(json.dumps({"name": offer.name, "size": offer.size, "stamp": offer.stamp}))) == offer


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("outcome", ["done", "refused"])
def test_where_a_platform_wants_it_a_taken_package_stays_and_is_marked(
    place: Place, package: Path, tmp_path: Path, kind: str, outcome: str, kit: SimpleNamespace
) -> None:
    transport = place.open(kind, taken="marked")
    transport.submit(package)
    (first,) = transport.discover()
    transport.settle(first, outcome)
    transport.settle(first, outcome)

    assert transport.discover() == []
    assert transport.fetch(first, tmp_path).name == "batch-17.zip"  # it lies there still
    package.write_bytes(kit.zip(kit.members()))
    transport.submit(package)  # another one of that name
    (second,) = transport.discover()
    assert second.stamp != first.stamp


@pytest.mark.parametrize("kind", ["sftp", "folder"])
def test_a_marker_says_that_a_file_is_whole_and_goes_with_it(place: Place, kind: str) -> None:
    transport = place.open(kind, ready="marker:.ok")
    here = place.folder(kind)
    for name in ("a.zip", "b.zip", "b.zip.ok", "c.zip.ok"):
        (here / name).write_bytes(b"x")

    [offer] = transport.discover()
    transport.settle(offer, "done")
    (here / "b.zip.ok").touch()  # whoever moved the file died before the marker was gone
    transport.settle(offer, "done")

    assert offer.name == "b.zip"
    assert sorted(path.name for path in here.iterdir()) == ["a.zip", "c.zip.ok", "done"]
    assert transport.discover() == []


def test_what_was_moved_away_in_a_bucket_is_not_gone_through_again(
    place: Place, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = place.open("s3")
    for outcome in ("done", "refused"):
        transport.submit(package)
        [offer] = transport.discover()
        transport.settle(offer, outcome)
    listed = []
    original = Minio.list_objects

    def listing(self: Minio, bucket: str, prefix: str, *, recursive: bool = False) -> Any:
        listed.append(prefix.removeprefix(f"{place.name}/"))
        return original(self, bucket, prefix, recursive=recursive)

    monkeypatch.setattr(Minio, "list_objects", listing)

    assert transport.discover() == []
    assert listed == [""]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # paramiko reads ahead in a thread
@pytest.mark.parametrize("kind", KINDS)
def test_a_line_that_trickles_is_given_up(place: Place, package: Path, tmp_path: Path, kind: str) -> None:
    place.open(kind).submit(package)
    minutes = count()
    options = {"prefix": f"{place.name}/"} if kind == "s3" else {"path": place.name}
    made = {"sftp": SftpTransport, "s3": S3Transport, "folder": FolderTransport}[kind]
    slow = made(ready(PLATFORMS[kind], **options), lambda: NOW + timedelta(minutes=next(minutes) * 1000))
    [offer] = slow.discover()

    with pytest.raises(ServiceError, match="TRANSPORT_TOO_SLOW") as caught:
        slow.fetch(offer, tmp_path)

    assert "过慢" in caught.value.message_zh


def test_ten_thousand_files_are_listed_quickly_and_only_whole_ones_are_offered(place: Place) -> None:
    transport = place.open("sftp", ready="marker:.ok", taken="marked")
    here = place.folder("sftp")
    for number in range(7_000):
        (here / f"{number:05d}.zip").touch()
    for number in range(0, 7_000, 2):
        (here / f"{number:05d}.zip.ok").touch()
    begun = time.process_time()

    offers = transport.discover()

    assert len(offers) == 3_500
    assert time.process_time() - begun < 5  # a fault of the second order takes minutes
