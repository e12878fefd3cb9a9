"""Notices arrive whole in a real SFTP server, a real S3 store and a folder; a failure is told, never a receipt."""

import json
import os
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import ConfigurationError, DeliveryError
from exchange_hub.core.notices import Notice
from exchange_hub.core.platforms import Channel
from feedback.channels.base import Enclosure, Parcel, Sent, must_have_arrived
from feedback.delivery import open_channel
from feedback.render import notice_files

Make = Callable[..., Any]
NAME = "FK-41010001-2026-000012.html"
NOW = datetime(2026, 11, 24, 10, 15, tzinfo=SHANGHAI)
AFTER_CRASH = NOW + timedelta(hours=1)


def parcel(name: str, content: bytes) -> Parcel:
    return Parcel("FK-41010001-2026-000012", "subject", "text", (Enclosure(name, content),))


def whole(notice: Notice) -> Parcel:
    files = tuple(Enclosure(name, content) for name, content in notice_files(notice, {}))
    return Parcel(notice.notice_no, "subject", "text", files)


@pytest.fixture
def by(monkeypatch: pytest.MonkeyPatch) -> Make:
    """The channel of a platform with that kind of delivery and that connection."""

    def make(kind: str, link: dict[str, Any], **options: str) -> Any:
        monkeypatch.setenv("HUB_CONN_TEST_INBOX", json.dumps(link))
        return open_channel(Channel(kind, "test_inbox", options))

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

    sent: Sent = by("folder", {"path": str(tmp_path)}, path="inbox").send(whole(made), NOW, NOW)

    letter = tmp_path / "inbox" / f"{made.notice_no}.html"
    assert sent.evidence.startswith(f"{letter.as_uri()} sha256:")
    assert sent.received_at == NOW
    names = {file.name for file in whole(made).files}
    assert {path.name for path in (tmp_path / "inbox").iterdir()} == names


def test_a_parcel_found_in_a_folder_after_a_crash_was_received_when_it_arrived(by: Make, tmp_path: Path) -> None:
    channel = by("folder", {"path": str(tmp_path)})
    channel.send(parcel(NAME, b"whole"), NOW, NOW)
    arrived = NOW + timedelta(minutes=5)
    os.utime(tmp_path / NAME, (arrived.timestamp(), arrived.timestamp()))

    sent = channel.send(parcel(NAME, b"whole"), NOW, AFTER_CRASH)

    assert sent.received_at == arrived
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize(("minutes", "believed"), [(-600, NOW), (600, AFTER_CRASH)])
def test_a_clock_of_the_other_side_is_believed_only_between_the_attempts(
    by: Make, tmp_path: Path, minutes: int, believed: datetime
) -> None:
    channel = by("folder", {"path": str(tmp_path)})
    channel.send(parcel(NAME, b"whole"), NOW, NOW)
    wrong = (NOW + timedelta(minutes=minutes)).timestamp()
    os.utime(tmp_path / NAME, (wrong, wrong))

    assert channel.send(parcel(NAME, b"whole"), NOW, AFTER_CRASH).received_at == believed


def test_the_same_name_again_replaces_the_file_in_a_folder(by: Make, tmp_path: Path) -> None:
    channel = by("folder", {"path": str(tmp_path)})

    channel.send(parcel(NAME, b"first"), NOW, NOW)
    channel.send(parcel(NAME, b"second, longer"), NOW, NOW)

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"second, longer"]


def test_a_folder_that_is_not_mounted_is_no_receipt(by: Make, tmp_path: Path) -> None:
    with pytest.raises(DeliveryError):
        by("folder", {"path": str(tmp_path / "gone")}).send(parcel(NAME, b"x"), NOW, NOW)


def test_a_write_that_breaks_off_leaves_the_old_file_and_nothing_else(
    by: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:  # a full disk cannot be had here
        raise OSError(28, "No space left on device")

    channel = by("folder", {"path": str(tmp_path)})
    channel.send(parcel(NAME, b"whole"), NOW, NOW)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DeliveryError):
        channel.send(parcel(NAME, b"x" * 100_000), NOW, NOW)

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"whole"]


@pytest.mark.parametrize("name", ["../x", "a/b", "/etc/x", "", ".hidden", "a\\b", "a\nb"])
def test_no_name_leads_out_of_the_inbox(by: Make, tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError):
        by("folder", {"path": str(tmp_path)}).send(parcel(name, b"x"), NOW, NOW)


# SFTP


@pytest.mark.stack
def test_an_sftp_inbox_receives_every_form_of_a_notice(by: Make, notice: Make, sftp_server: Any) -> None:
    made: Notice = notice()

    sent: Sent = by("sftp", sftp_server.link, path="/inbox").send(whole(made), NOW, NOW)

    address = f"sftp://127.0.0.1:{sftp_server.link['port']}/inbox/{made.notice_no}.html"
    assert sent.evidence.startswith(f"{address} sha256:")
    assert sent.received_at == NOW
    for file in whole(made).files:
        if not file.name.endswith(".xlsx"):  # a workbook holds the second it was made
            assert (sftp_server.root / "inbox" / file.name).read_bytes() == file.content
    assert not list((sftp_server.root / "inbox").glob("*.part"))


@pytest.mark.stack
def test_the_same_name_again_replaces_the_file_on_the_server(by: Make, sftp_server: Any) -> None:
    channel = by("sftp", sftp_server.link, path="/inbox")

    channel.send(parcel(NAME, b"first"), NOW, NOW)
    channel.send(parcel(NAME, b"x" * 300_000), NOW, NOW)

    assert (sftp_server.root / "inbox" / NAME).read_bytes() == b"x" * 300_000


@pytest.mark.stack
def test_a_server_with_another_key_gets_nothing(by: Make, sftp_server: Any, other_host_key: str) -> None:
    channel = by("sftp", sftp_server.link | {"host_key": other_host_key}, path="/inbox")

    with pytest.raises(DeliveryError) as caught:
        channel.send(parcel("never.html", b"x"), NOW, NOW)

    assert caught.value.code == "NOT_DELIVERED"
    assert not (sftp_server.root / "inbox" / "never.html").exists()


@pytest.mark.stack
@pytest.mark.parametrize("change", [{"secret": "wrong-password"}, {"user": "stranger"}, {"path": "/nowhere"}])
def test_a_server_that_refuses_is_no_receipt(by: Make, sftp_server: Any, change: dict[str, str]) -> None:
    path = change.get("path", "/inbox")

    with pytest.raises(DeliveryError) as caught:
        by("sftp", sftp_server.link | change, path=path).send(parcel(NAME, b"x"), NOW, NOW)

    assert "wrong-password" not in str(caught.value)


@pytest.mark.stack
def test_a_parcel_found_on_the_server_after_a_crash_is_not_sent_again(by: Make, sftp_server: Any) -> None:
    channel = by("sftp", sftp_server.link, path="/inbox")
    channel.send(parcel("again.html", b"whole"), NOW, NOW)
    lying = sftp_server.root / "inbox" / "again.html"
    arrived = NOW + timedelta(minutes=5)
    os.utime(lying, (arrived.timestamp(), arrived.timestamp()))

    sent = channel.send(parcel("again.html", b"whole"), NOW, AFTER_CRASH)

    assert sent.received_at == arrived
    assert lying.stat().st_mtime == arrived.timestamp()


@pytest.mark.stack
def test_a_write_that_breaks_off_leaves_no_file_under_the_name(
    by: Make, sftp_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedback.channels.sftp.BytesIO", BreaksOff)

    with pytest.raises(DeliveryError):
        by("sftp", sftp_server.link, path="/inbox").send(parcel("broken.html", b"x" * 100_000), NOW, NOW)

    assert not (sftp_server.root / "inbox" / "broken.html").exists()


def test_a_server_that_is_not_there_is_no_receipt(by: Make) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    link = {"host": "127.0.0.1", "port": port, "user": "a", "secret": "b", "host_key": "ssh-ed25519 AAAA"}

    with pytest.raises(DeliveryError):
        by("sftp", link).send(parcel(NAME, b"x"), NOW, NOW)


def test_a_server_without_a_pinned_key_is_our_error(by: Make) -> None:
    with pytest.raises(ConfigurationError):
        by("sftp", {"host": "127.0.0.1", "port": 1, "user": "a", "secret": "b"}).send(parcel(NAME, b"x"), NOW, NOW)


# S3


@pytest.mark.stack
def test_a_bucket_receives_every_form_of_a_notice(by: Make, notice: Make, s3_store: Any) -> None:
    made: Notice = notice()

    channel = by("s3", s3_store.link, bucket="inbox", prefix="notices/")
    sent: Sent = channel.send(whole(made), NOW, NOW)

    assert sent.evidence.startswith(f"s3://inbox/notices/{made.notice_no}.html sha256:")
    assert sent.received_at == NOW
    found = s3_store.client.get_object("inbox", f"notices/{made.notice_no}.html")
    assert found.data == dict(notice_files(made, {}))[f"{made.notice_no}.html"]
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    found.close()


@pytest.mark.stack
def test_the_same_name_again_replaces_the_object(by: Make, s3_store: Any) -> None:
    channel = by("s3", s3_store.link, bucket="inbox")

    channel.send(parcel(NAME, b"first"), NOW, NOW)
    channel.send(parcel(NAME, b"second"), NOW, NOW)

    found = s3_store.client.get_object("inbox", NAME)
    assert found.data == b"second"
    found.close()


@pytest.mark.stack
def test_an_object_found_after_a_crash_is_not_stored_again(by: Make, s3_store: Any) -> None:
    channel = by("s3", s3_store.link, bucket="inbox")
    channel.send(parcel("again.html", b"whole"), NOW, NOW)
    before = s3_store.client.stat_object("inbox", "again.html").last_modified

    sent = channel.send(parcel("again.html", b"whole"), NOW, AFTER_CRASH)

    assert s3_store.client.stat_object("inbox", "again.html").last_modified == before
    assert NOW <= sent.received_at <= AFTER_CRASH


@pytest.mark.stack
@pytest.mark.parametrize("change", [{"secret": "wrong-secret"}, {"user": "stranger"}, {"bucket": "no-such-bucket"}])
def test_a_store_that_refuses_is_no_receipt(by: Make, s3_store: Any, change: dict[str, str]) -> None:
    bucket = change.pop("bucket", "inbox")

    with pytest.raises(DeliveryError) as caught:
        by("s3", s3_store.link | change, bucket=bucket).send(parcel(NAME, b"x"), NOW, NOW)

    assert "secret" not in str(caught.value)


def test_a_store_that_is_not_there_is_no_receipt(by: Make) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    with pytest.raises(DeliveryError):
        by("s3", {"host": "127.0.0.1", "port": port, "user": "a", "secret": "b"}, bucket="inbox").send(
            parcel(NAME, b"x"), NOW, NOW
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
