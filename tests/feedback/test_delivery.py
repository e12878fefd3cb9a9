"""Notices arrive whole in a real SFTP server, a real S3 store and a folder; a failure is told, never a receipt."""

import json
import socket
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from exchange_hub.core.errors import ConfigurationError, DeliveryError
from exchange_hub.core.notices import Notice
from exchange_hub.core.platforms import Channel, Platform
from feedback.channels.base import must_have_arrived
from feedback.delivery import deliver_files, open_channel
from feedback.render import notice_files

Make = Callable[..., Any]
NAME = "FK-41010001-2026-000012.html"


@pytest.fixture
def by(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Make:
    """The channel of a platform with that kind of delivery and that connection."""

    def make(kind: str, link: dict[str, Any], **options: str) -> Any:
        monkeypatch.setenv("HUB_CONN_TEST_INBOX", json.dumps(link))
        return open_channel(replace(platform, delivery=Channel(kind, "test_inbox", options)))

    return make


class BreaksOff(BytesIO):
    """A stream that fails half-way."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= 40_000:
            raise OSError(5, "Input/output error")
        return super().read(min(size or 0, 40_000) if size and size > 0 else 40_000)


# Folder


def test_a_folder_receives_every_form_of_a_notice(by: Make, notice: Make, tmp_path: Path) -> None:
    made: Notice = notice()

    addresses = deliver_files(by("folder", {"path": str(tmp_path)}, path="inbox"), notice_files(made, {}))

    names = [f"{made.notice_no}{suffix}" for suffix in (".html", ".xlsx", ".json")]
    assert addresses == tuple((tmp_path / "inbox" / name).as_uri() for name in names)
    assert sorted(path.name for path in (tmp_path / "inbox").iterdir()) == sorted(names)


def test_the_same_name_again_replaces_the_file_in_a_folder(by: Make, tmp_path: Path) -> None:
    channel = by("folder", {"path": str(tmp_path)})

    channel.deliver(NAME, BytesIO(b"first"))
    channel.deliver(NAME, BytesIO(b"second, longer"))

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"second, longer"]


def test_a_folder_that_is_not_mounted_is_no_receipt(by: Make, tmp_path: Path) -> None:
    with pytest.raises(DeliveryError):
        by("folder", {"path": str(tmp_path / "gone")}).deliver(NAME, BytesIO(b"x"))


def test_a_write_that_breaks_off_leaves_the_old_file_and_nothing_else(by: Make, tmp_path: Path) -> None:
    channel = by("folder", {"path": str(tmp_path)})
    channel.deliver(NAME, BytesIO(b"whole"))

    with pytest.raises(DeliveryError):
        channel.deliver(NAME, BreaksOff(b"x" * 100_000))

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"whole"]


@pytest.mark.parametrize("name", ["../x", "a/b", "/etc/x", "", ".hidden", "a\\b", "a\nb"])
def test_no_name_leads_out_of_the_inbox(by: Make, tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError):
        by("folder", {"path": str(tmp_path)}).deliver(name, BytesIO(b"x"))


# SFTP


@pytest.mark.stack
def test_an_sftp_inbox_receives_every_form_of_a_notice(by: Make, notice: Make, sftp_server: Any) -> None:
    made: Notice = notice()

    addresses = deliver_files(by("sftp", sftp_server.link, path="/inbox"), notice_files(made, {}))

    assert addresses[0] == f"sftp://127.0.0.1:{sftp_server.link['port']}/inbox/{made.notice_no}.html"
    expected = dict(notice_files(made, {}))
    for suffix in (".html", ".json"):
        name = made.notice_no + suffix
        assert (sftp_server.root / "inbox" / name).read_bytes() == expected[name]
    assert not list((sftp_server.root / "inbox").glob("*.part"))


@pytest.mark.stack
def test_the_same_name_again_replaces_the_file_on_the_server(by: Make, sftp_server: Any) -> None:
    channel = by("sftp", sftp_server.link, path="/inbox")

    channel.deliver(NAME, BytesIO(b"first"))
    channel.deliver(NAME, BytesIO(b"x" * 300_000))

    assert (sftp_server.root / "inbox" / NAME).read_bytes() == b"x" * 300_000


@pytest.mark.stack
def test_a_server_with_another_key_gets_nothing(by: Make, sftp_server: Any, other_host_key: str) -> None:
    channel = by("sftp", sftp_server.link | {"host_key": other_host_key}, path="/inbox")

    with pytest.raises(DeliveryError) as caught:
        channel.deliver("never.html", BytesIO(b"x"))

    assert caught.value.code == "NOT_DELIVERED"
    assert not (sftp_server.root / "inbox" / "never.html").exists()


@pytest.mark.stack
@pytest.mark.parametrize("change", [{"secret": "wrong-password"}, {"user": "stranger"}, {"path": "/nowhere"}])
def test_a_server_that_refuses_is_no_receipt(by: Make, sftp_server: Any, change: dict[str, str]) -> None:
    path = change.get("path", "/inbox")

    with pytest.raises(DeliveryError) as caught:
        by("sftp", sftp_server.link | change, path=path).deliver(NAME, BytesIO(b"x"))

    assert "wrong-password" not in str(caught.value)


@pytest.mark.stack
def test_a_write_that_breaks_off_leaves_no_file_under_the_name(by: Make, sftp_server: Any) -> None:
    with pytest.raises(DeliveryError):
        by("sftp", sftp_server.link, path="/inbox").deliver("broken.html", BreaksOff(b"x" * 100_000))

    assert not (sftp_server.root / "inbox" / "broken.html").exists()


def test_a_server_that_is_not_there_is_no_receipt(by: Make) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    link = {"host": "127.0.0.1", "port": port, "user": "a", "secret": "b", "host_key": "ssh-ed25519 AAAA"}

    with pytest.raises(DeliveryError):
        by("sftp", link).deliver(NAME, BytesIO(b"x"))


def test_a_server_without_a_pinned_key_is_our_error(by: Make) -> None:
    with pytest.raises(ConfigurationError):
        by("sftp", {"host": "127.0.0.1", "port": 1, "user": "a", "secret": "b"}).deliver(NAME, BytesIO(b"x"))


# S3


@pytest.mark.stack
def test_a_bucket_receives_every_form_of_a_notice(by: Make, notice: Make, s3_store: Any) -> None:
    made: Notice = notice()

    channel = by("s3", s3_store.link, bucket="inbox", prefix="notices/")
    addresses = deliver_files(channel, notice_files(made, {}))

    assert addresses[0] == f"s3://inbox/notices/{made.notice_no}.html"
    found = s3_store.client.get_object("inbox", f"notices/{made.notice_no}.html")
    assert found.data == dict(notice_files(made, {}))[f"{made.notice_no}.html"]
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    found.close()


@pytest.mark.stack
def test_the_same_name_again_replaces_the_object(by: Make, s3_store: Any) -> None:
    channel = by("s3", s3_store.link, bucket="inbox")

    channel.deliver(NAME, BytesIO(b"first"))
    channel.deliver(NAME, BytesIO(b"second"))

    found = s3_store.client.get_object("inbox", NAME)
    assert found.data == b"second"
    found.close()


@pytest.mark.stack
@pytest.mark.parametrize("change", [{"secret": "wrong-secret"}, {"user": "stranger"}, {"bucket": "no-such-bucket"}])
def test_a_store_that_refuses_is_no_receipt(by: Make, s3_store: Any, change: dict[str, str]) -> None:
    bucket = change.pop("bucket", "inbox")

    with pytest.raises(DeliveryError) as caught:
        by("s3", s3_store.link | change, bucket=bucket).deliver(NAME, BytesIO(b"x"))

    assert "secret" not in str(caught.value)


def test_a_store_that_is_not_there_is_no_receipt(by: Make) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    with pytest.raises(DeliveryError):
        by("s3", {"host": "127.0.0.1", "port": port, "user": "a", "secret": "b"}, bucket="inbox").deliver(
            NAME, BytesIO(b"x")
        )


def test_a_channel_without_a_bucket_is_our_error(by: Make) -> None:
    with pytest.raises(ConfigurationError):
        by("s3", {"host": "127.0.0.1", "port": 1})


# All


def test_an_unknown_kind_is_our_error(by: Make) -> None:
    with pytest.raises(ConfigurationError) as caught:
        by("pigeon", {})

    assert caught.value.code == "UNKNOWN_CHANNEL"


@pytest.mark.parametrize("found", [None, 0, 9])
def test_another_size_after_delivery_is_no_receipt(found: int | None) -> None:
    with pytest.raises(DeliveryError):
        must_have_arrived("sftp", "sftp://host/x", 10, found)


def test_nothing_more_is_sent_once_a_form_failed() -> None:
    asked = []

    class Fails:
        def deliver(self, name: str, content: BinaryIO) -> str:
            asked.append(name)
            raise DeliveryError("NOT_DELIVERED", "", "")

    with pytest.raises(DeliveryError):
        deliver_files(Fails(), [("a.html", b""), ("a.json", b"")])

    assert asked == ["a.html"]
