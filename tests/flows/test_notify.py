"""Notices go out never twice and are never lost, on real servers: crash, retries, fall-backs, alarms, e-mail."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from exchange_hub.cli import notice_commands
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.notices import Actor, Notice, Role
from exchange_hub.core.platforms import Channel
from exchange_hub.flows import answers, context
from exchange_hub.flows.context import Hub
from exchange_hub.flows.deadlines import deliver_pending
from exchange_hub.flows.notices import notice_document
from exchange_hub.flows.notify import deliver
from warehouse import alarms, notice_outbox, notice_receipts

pytestmark = pytest.mark.stack

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
NANYANG = "12411300MA3DEM035H"
CENTRE = Actor(Role.PLATFORM, "wang")

# Delivers one notice in a process of its own that dies after the files are sent and before that is recorded.
DIES = """
import os, signal, sys
from datetime import datetime
from exchange_hub.flows import notify
from exchange_hub.flows.context import open_hub
notify._took = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
notify.deliver(open_hub(), sys.argv[1], datetime.fromisoformat(sys.argv[2]))
"""


@pytest.fixture
def ways(fresh: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Hub]:
    """The hub with other ways to deliver to the folder platform; each is (kind, connection, options)."""

    def make(*channels: tuple[str, dict[str, Any] | None, dict[str, str]]) -> Hub:
        made = []
        for number, (kind, link, options) in enumerate(channels):
            monkeypatch.setenv(f"HUB_CONN_WAY_{number}", json.dumps(link or {}))
            made.append(Channel(kind, f"way_{number}" if link is not None else None, options))
        platform = replace(fresh.platforms[NANYANG], delivery=made[0], fallbacks=tuple(made[1:]))
        return replace(fresh, platforms={**fresh.platforms, NANYANG: platform})

    return make


class Mailbox(MessageHandler):
    """Keeps what the server took."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Message] = []

    async def handle_RCPT(  # noqa: N802 -- the server's own name
        self, server: object, session: object, envelope: Any, address: str, options: object
    ) -> str:
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def handle_message(self, message: Message) -> None:
        self.mails.append(message)


@pytest.fixture
def mail_server() -> Iterator[tuple[Mailbox, dict[str, Any]]]:
    """A real SMTP server without TLS and without login."""
    box = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield box, {"host": "127.0.0.1", "port": port}
    finally:
        server.stop()


def outcomes(fresh: Hub, notice: Notice) -> list[str]:
    with fresh.database() as conn:
        return [row["outcome"] for row in notice_outbox.attempts(conn, notice.notice_no)]


def row(fresh: Hub, notice: Notice) -> dict[str, Any]:
    return notice_document(fresh, notice.notice_no)[0]


def open_alarms(fresh: Hub, notice: Notice) -> set[str]:
    with fresh.database() as conn:
        return {alarm.kind for alarm in alarms.open_alarms(conn) if alarm.subject == notice.notice_no}


def test_a_process_killed_between_sending_and_recording_neither_loses_nor_doubles(
    fresh: Hub, put_notice: Callable[..., Notice], inbox: Path
) -> None:
    notice = put_notice()
    env = {**os.environ, "HUB_DATABASE_URL": fresh.settings.database()}
    dead = subprocess.run([sys.executable, "-c", DIES, notice.notice_no, NOW.isoformat()], env=env, check=False)
    lying = sorted(inbox.glob(f"{notice.notice_no}*"))
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in lying}
    assert dead.returncode == -signal.SIGKILL
    assert before
    assert outcomes(fresh, notice) == ["sending"]

    arrived = deliver_pending(fresh, NOW + timedelta(hours=20))

    assert notice.notice_no in arrived
    assert outcomes(fresh, notice) == ["sending", "sending", "delivered"]
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in lying} == before
    assert row(fresh, notice)["state"] == "delivered"


def test_a_delivered_notice_is_not_delivered_again(fresh: Hub, put_notice: Callable[..., Notice]) -> None:
    notice = put_notice()

    first, second = deliver(fresh, notice.notice_no, NOW), deliver(fresh, notice.notice_no, NOW + timedelta(days=1))

    assert (first, second) == (True, False)
    assert outcomes(fresh, notice) == ["sending", "delivered"]
    assert row(fresh, notice)["received_at"] == NOW


def test_while_one_sends_another_keeps_off(fresh: Hub, put_notice: Callable[..., Notice]) -> None:
    notice = put_notice()
    with fresh.database() as conn, notice_outbox.sending(conn, notice.notice_no) as free:
        assert free
        assert deliver(fresh, notice.notice_no, NOW) is False

    assert outcomes(fresh, notice) == []
    assert deliver(fresh, notice.notice_no, NOW)


def test_the_clock_starts_with_evidence_of_what_lies_where(
    fresh: Hub, put_notice: Callable[..., Notice], inbox: Path
) -> None:
    notice = put_notice()
    deliver(fresh, notice.notice_no, NOW)

    with fresh.database() as conn:
        [receipt] = notice_receipts.receipts(conn, notice.notice_no)
        [kept] = [file for file in notice_outbox.kept_files(conn, notice.notice_no) if file.name.endswith(".html")]
    assert receipt["kind"] == "inbox"
    assert f"{inbox.as_uri()}/{notice.notice_no}.html sha256:{kept.sha256}" in receipt["evidence"]


def test_what_fails_is_tried_again_with_growing_waits_and_then_calls_an_operator(
    ways: Callable[..., Hub],
    put_notice: Callable[..., Notice],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    gone = tmp_path / "share"
    fresh = ways(("folder", {"path": str(gone)}, {"path": "inbox"}))
    notice = put_notice()
    at, waits = NOW, []
    for _ in range(3):
        assert deliver_pending(fresh, at) == []
        with fresh.database() as conn:
            held = notice_outbox.row_of(conn, notice.notice_no)
        assert held is not None
        waits.append((held["next_at"] - at) // timedelta(minutes=1))
        at = held["next_at"]

    assert waits == [5, 15, 60]
    assert row(fresh, notice)["due_date"] is None
    assert open_alarms(fresh, notice) == {"notice_undeliverable"}
    monkeypatch.setattr(context, "open_hub", lambda: fresh)
    assert notice_commands.notices() == 0
    assert f"notice_undeliverable {notice.notice_no}" in capsys.readouterr().out

    gone.mkdir()
    assert notice.notice_no in deliver_pending(fresh, at)
    assert open_alarms(fresh, notice) == set()


def test_a_dead_platform_is_tried_once_a_round_not_once_a_notice(
    ways: Callable[..., Hub], put_notice: Callable[..., Notice], tmp_path: Path
) -> None:
    fresh = ways(("folder", {"path": str(tmp_path / "gone")}, {"path": "inbox"}))
    notices = [put_notice() for _ in range(3)]

    rounds = []
    for minute in range(3):
        deliver_pending(fresh, NOW + timedelta(minutes=minute))
        rounds.append(sum(len(outcomes(fresh, notice)) for notice in notices))

    assert rounds == [2, 4, 6]  # begun and failed: of one notice more each time
    (tmp_path / "gone").mkdir()
    assert len(deliver_pending(fresh, NOW + timedelta(hours=1))) == 3


def test_the_fall_back_takes_over_when_the_designated_way_fails(
    ways: Callable[..., Hub], put_notice: Callable[..., Notice], tmp_path: Path
) -> None:
    fresh = ways(
        ("folder", {"path": str(tmp_path / "gone")}, {"path": "inbox"}),
        ("folder", {"path": str(tmp_path)}, {"path": "second"}),
    )
    notice = put_notice()

    assert deliver(fresh, notice.notice_no, NOW)

    assert outcomes(fresh, notice) == ["sending", "failed", "sending", "delivered"]
    assert list((tmp_path / "second").glob(f"{notice.notice_no}.*"))


def test_a_mail_taken_by_the_designated_server_is_receipt(
    ways: Callable[..., Hub], put_notice: Callable[..., Notice], mail_server: tuple[Mailbox, dict[str, Any]]
) -> None:
    box, link = mail_server
    address = {"to": "xinxi@centre.example", "from": "hub@office.example", "receipt": "designated_server"}
    fresh = ways(("email", link, address))
    notice = put_notice()

    assert deliver(fresh, notice.notice_no, NOW)

    [mail] = box.mails
    assert mail["Message-ID"] == f"<{notice.notice_no}@office.example>"
    names = {part.get_filename() for part in mail.walk() if part.get_filename()}
    assert f"{notice.notice_no}.html" in names
    assert f"{notice.notice_no}.xlsx" in names
    assert "smtp://" in row(fresh, notice)["evidence"]


def test_a_relayed_mail_is_no_receipt_until_somebody_opens_the_notice(
    ways: Callable[..., Hub], put_notice: Callable[..., Notice], mail_server: tuple[Mailbox, dict[str, Any]]
) -> None:
    box, link = mail_server
    fresh = ways(("email", link, {"to": "xinxi@centre.example", "from": "hub@office.example"}))
    notice = put_notice()

    assert not deliver(fresh, notice.notice_no, NOW)
    assert row(fresh, notice)["received_at"] is None
    deliver_pending(fresh, NOW + timedelta(days=2))
    assert len(box.mails) == 1
    assert open_alarms(fresh, notice) == {"notice_unfetched"}

    opened = answers.fetched(fresh, notice.notice_no, NANYANG, CENTRE, NOW + timedelta(days=3))
    assert (opened.state, opened.received_at) == ("received", NOW + timedelta(days=3))
    assert open_alarms(fresh, notice) == set()


def test_a_server_that_refuses_the_mailbox_is_no_receipt(
    ways: Callable[..., Hub], put_notice: Callable[..., Notice], mail_server: tuple[Mailbox, dict[str, Any]]
) -> None:
    box, link = mail_server
    address = {"to": "nobody@centre.example", "from": "hub@office.example", "receipt": "designated_server"}
    fresh = ways(("email", link, address))
    notice = put_notice()

    assert not deliver(fresh, notice.notice_no, NOW)
    assert (box.mails, outcomes(fresh, notice)) == ([], ["sending", "failed"])


def test_where_acknowledgement_is_agreed_only_that_starts_the_clock(
    fresh: Hub, put_notice: Callable[..., Notice], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreed = tmp_path / "feedback.yaml"
    agreed.write_text(f"platforms: {{'{NANYANG}': {{clock: {{receipt: acknowledgement}}}}}}\n", "utf-8")
    monkeypatch.setenv("HUB_FEEDBACK_FILE", str(agreed))
    notice = put_notice()

    deliver(fresh, notice.notice_no, NOW)
    assert row(fresh, notice)["received_at"] is None

    standing = answers.acknowledge(fresh, notice.notice_no, NANYANG, CENTRE, NOW + timedelta(hours=5))
    assert standing.received_at == NOW + timedelta(hours=5)
