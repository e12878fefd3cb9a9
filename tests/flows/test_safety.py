"""Nothing lost, nothing half-done: bad input by `hub ingest`, crashes between steps, the same batch again."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.loader import load_release
from contracts.model import ReleaseStatus
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.flows import releases
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import ingest
from exchange_hub.sample.broken import BROKEN, write_broken
from exchange_hub.sample.options import SampleOptions
from ingest.package import pack
from warehouse.verification import verify

pytestmark = pytest.mark.stack

NANYANG = "12411300MA3DEM035H"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
HUB = Path(sys.executable).with_name("hub")
Record = tuple[str, dict[str, str]]
Records = Callable[..., list[Record]]
Write = Callable[[str, Sequence[Record]], Path]
TABLES = ("hub.wh_project", "hub.load", "hub.load_proof", "hub.finding", "hub.quarantine", "hub.held", "hub.notice")


def rows(hub: Hub, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with hub.database() as conn:
        return conn.execute(statement, values).fetchall()


def sizes(hub: Hub) -> list[int]:
    return [rows(hub, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES]


@pytest.mark.parametrize("name", ["unknown_platform", "unknown_contract", "manifest_missing"])
def test_the_command_says_why_a_package_is_refused_and_ends_with_status_1(hub: Hub, tmp_path: Path, name: str) -> None:
    package = write_broken(name, tmp_path / f"cli-{name}.zip", SampleOptions(NANYANG, 1, 33, batch_no=f"cli-{name}"))

    done = subprocess.run([HUB, "ingest", package, "--json"], capture_output=True, text=True, check=False, timeout=120)

    report = json.loads(done.stdout)
    assert (done.returncode, report["verdict"]) == (1, "refused")
    assert report["refusal"]["code"] == BROKEN[name].code
    assert report["refusal"]["message_zh"]
    assert report["refusal"]["where"]
    assert report["notice_no"]
    assert "Traceback" not in done.stderr


def test_a_retired_release_is_refused_and_its_successor_named(
    new_hub: Callable[[], Hub], records: Records, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = new_hub()
    retired = replace(load_release("2.0.0"), status=ReleaseStatus.RETIRED, successor="9.9.9")
    monkeypatch.setattr(releases, "load_release", lambda _: retired)

    report = ingest(hub, write("old-release", records(5)[:1]), NOW, channel="cli")

    assert report["refusal"]["code"] == "RETIRED_CONTRACT"
    assert "9.9.9" in report["refusal"]["message_zh"]
    assert rows(hub, "SELECT refusal ->> 'code', state FROM hub.notice") == [("RETIRED_CONTRACT", "delivered")]


def test_a_nul_in_a_key_rejects_that_record_alone(new_hub: Callable[[], Hub], records: Records, write: Write) -> None:
    hub, ((dataset, fields), other) = new_hub(), records(5)[:2]
    spoiled = {**fields, "DATA_KEY": fields["DATA_KEY"][:-1] + "\x00"}
    sound = records(6)[0]

    report = ingest(hub, write("nul", [(dataset, spoiled), sound, other]), NOW, channel="cli")

    assert report["counts"] == {"received": 3, "accepted": 1, "rejected": 1, "held": 1, "flagged": 0}
    assert rows(hub, "SELECT items FROM audit.notice WHERE batch_no = 'nul'") == [(1,)]
    assert json.dumps(report).find("\\u0000") == -1


@pytest.mark.parametrize(
    "step",
    [
        "exchange_hub.flows.load.follow_up",  # versions, findings, quarantine and seal are written
        "exchange_hub.flows.load.report_document",  # the notice is issued, items are closed
        "warehouse.loader.store_findings",  # in the middle of the load
        "warehouse.notices.insert",
    ],
)
def test_a_crash_between_the_steps_leaves_nothing_and_the_next_try_completes(
    new_hub: Callable[[], Hub], records: Records, write: Write, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    hub, sample = new_hub(), records(5)
    wrong = [(sample[0][0], {**sample[0][1], "PROJECT_NAME": ""}), *sample[1:3], records(6)[0]]
    package = write("crash", wrong)

    def killed(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(step, killed)
        with pytest.raises(RuntimeError):
            ingest(hub, package, NOW, channel="cli")
    assert sizes(hub) == [0] * len(TABLES)
    assert rows(hub, "SELECT state, verdict FROM hub.batch") == [("received", None)]

    report = ingest(hub, package, NOW, channel="cli")

    assert report["counts"] == {"received": 4, "accepted": 1, "rejected": 1, "held": 2, "flagged": 0}
    assert rows(hub, "SELECT notice_no, state FROM hub.notice") == [(report["notice_no"], "delivered")]
    with hub.database() as conn:
        assert verify(conn).ok


def test_a_crash_before_delivery_neither_loses_nor_doubles_the_notice(
    new_hub: Callable[[], Hub], records: Records, write: Write, monkeypatch: pytest.MonkeyPatch, inbox: Path
) -> None:
    hub, (dataset, fields) = new_hub(), records(5)[0]
    package = write("undelivered", [(dataset, {**fields, "PROJECT_NAME": ""})])

    def killed(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    for step in ("exchange_hub.flows.notify.open_channel", "exchange_hub.flows.notify._took"):
        with monkeypatch.context() as patch, suppress(RuntimeError):
            patch.setattr(step, killed)
            ingest(hub, package, NOW, channel="cli")
    assert rows(hub, "SELECT state FROM hub.notice") == [("issued",)]

    report = ingest(hub, package, NOW, channel="cli")

    assert rows(hub, "SELECT notice_no, state FROM hub.notice") == [(report["notice_no"], "delivered")]
    assert rows(hub, "SELECT count(*) FROM hub.notice_deadline") == [(1,)]
    assert len(list(inbox.glob(f"{report['notice_no']}.html"))) == 1


def test_the_same_batch_by_any_channel_and_in_any_packing_is_one_batch(
    new_hub: Callable[[], Hub], records: Records, write: Write, tmp_path: Path
) -> None:
    hub, sample = new_hub(), records(5)
    wrong = [(sample[0][0], {**sample[0][1], "PROJECT_NAME": ""}), *sample[1:], records(6)[0]]
    folder = write("again", wrong)
    forms = [folder, pack(folder, tmp_path / "again.zip"), pack(folder, tmp_path / "again.tar.gz")]
    first = ingest(hub, folder, NOW, channel="cli")
    before = sizes(hub)

    again = [
        ingest(hub, form, NOW, channel=channel, sender=NANYANG)
        for form in forms
        for channel in ("sftp", "s3", "folder", "http")
    ]

    assert again == [first] * len(again)
    assert sizes(hub) == before
    assert rows(hub, "SELECT count(*), (SELECT count(*) FROM hub.delivery_conflict) FROM hub.batch") == [(1, 0)]
