"""A dead, slow or overfull channel: nobody else is delayed, nothing is lost, the engineer sees it (a real server)."""

import json
import os
import socket
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.connections import connection
from exchange_hub.core.errors import ChannelRests, ServiceError
from exchange_hub.core.platforms import Quota
from exchange_hub.core.settings import home
from exchange_hub.flows import groups
from exchange_hub.flows.alarms import list_alarms
from exchange_hub.flows.channels import list_channels, try_again
from exchange_hub.flows.context import Hub
from exchange_hub.flows.discovery import discover_groups
from exchange_hub.flows.groups import run_stage
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from ingest.package import pack
from ingest.transports import session

pytestmark = pytest.mark.stack

ZHENGZHOU = "12410100MA3DEM0195"
NANYANG = "12411300MA3DEM035H"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)
MINUTE = timedelta(minutes=1)
Line = Callable[[bool], None]


class Site:
    """The SFTP platform in a folder of its own, with a line that can be cut, and an empty warehouse."""

    def __init__(self, fresh: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = home() / "platforms" / "zhengzhou" / f"t-{uuid4().hex}"
        self.folder.mkdir()
        self._fresh, self._patch = fresh, monkeypatch
        self.card()
        self.alive(True)

    def card(self, quota: Quota | None = None, **options: str) -> None:
        known = self._fresh.platforms[ZHENGZHOU]
        told = {"path": f"/{self.folder.name}", "ready": "renamed", **options}
        transport = replace(known.transport, connection="line", options=told)
        card = replace(known, transport=transport, quota=quota or Quota())
        self.hub = replace(self._fresh, platforms={**self._fresh.platforms, ZHENGZHOU: card})

    def alive(self, well: bool) -> None:
        real = asdict(connection("demo_zhengzhou_sftp"))
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            told = real if well else {**real, "port": closed.getsockname()[1]}
        self._patch.setenv("HUB_CONN_LINE", json.dumps(told))

    def put(self, *names: str, size: int = 10) -> None:
        for number, name in enumerate(names):
            (self.folder / name).write_bytes(b"x" * size)
            os.utime(self.folder / name, (1_700_000_000 + number,) * 2)

    def look(self, at: datetime = NOW) -> list[str]:
        found = discover_groups(self.hub, self.hub.platform(ZHENGZHOU), at)
        return [package["offer"]["name"] for group in found for package in group["packages"]]

    def channel(self, at: datetime = NOW) -> dict[str, Any]:
        return next(one for one in list_channels(self.hub, at) if one["platform_code"] == ZHENGZHOU)

    def alarms(self) -> list[tuple[str, str]]:
        return [(one["kind"], one["subject"]) for one in list_alarms(self.hub)]

    def dies(self, at: datetime = NOW) -> None:
        self.alive(False)
        for _ in range(3):
            with pytest.raises(ServiceError, match="TRANSPORT_FAILED"):
                self.look(at)


@pytest.fixture
def site(fresh: Hub, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(fresh, monkeypatch)


def test_a_dead_platform_is_left_alone_seen_and_taken_up_again_by_itself(site: Site) -> None:
    site.put("a.zip")
    site.dies()
    opened = site.channel()
    site.alive(True)

    with pytest.raises(ChannelRests, match="CHANNEL_RESTS"):
        site.look(NOW + 4 * MINUTE)  # not even tried: the line is well again
    assert (opened["state"], opened["failures"], opened["rests_until"]) == ("resting", 3, NOW + 5 * MINUTE)
    assert site.alarms() == [("channel_down", ZHENGZHOU)]
    assert list_channels(site.hub, NOW)[0]["platform_code"] == ZHENGZHOU  # it is listed first

    assert site.channel(NOW + 5 * MINUTE)["state"] == "probing"
    assert site.look(NOW + 5 * MINUTE) == ["a.zip"]
    assert (site.channel()["state"], site.channel()["failures"]) == ("closed", 0)
    assert site.alarms() == []


def test_a_failed_probe_doubles_the_rest_and_nobody_else_notices(site: Site) -> None:
    site.dies()

    with pytest.raises(ServiceError, match="TRANSPORT_FAILED"):
        site.look(NOW + 5 * MINUTE)

    assert site.channel()["rests_until"] == NOW + 15 * MINUTE
    assert discover_groups(site.hub, site.hub.platform(NANYANG), NOW) is not None
    states = {one["platform_code"]: one["state"] for one in list_channels(site.hub, NOW)}
    assert [state for code, state in states.items() if code != ZHENGZHOU] == ["closed", "closed"]


def test_the_engineer_may_have_it_tried_at_once(site: Site) -> None:
    site.put("a.zip")
    site.dies()
    site.alive(True)

    try_again(site.hub, ZHENGZHOU, NOW)

    assert site.alarms() == []
    assert site.look() == ["a.zip"]


def test_what_is_over_the_quota_waits_in_its_order_and_is_seen(site: Site) -> None:
    site.put("a.zip", "b.zip", "c.zip", size=100)
    site.card(Quota(packages_a_run=2))

    assert site.look() == ["a.zip", "b.zip"]
    assert (site.channel()["waiting_packages"], site.channel()["waiting_bytes"]) == (1, 100)
    assert site.alarms() == [("over_quota", ZHENGZHOU)]

    for taken in ("a.zip", "b.zip"):
        (site.folder / taken).unlink()
    assert site.look(NOW + 30 * MINUTE) == ["c.zip"]
    assert site.channel()["waiting_packages"] == 0
    assert site.alarms() == []


def test_a_day_s_quota_counts_what_came_since_midnight(site: Site) -> None:
    site.put("a.zip", "b.zip")
    site.card(Quota(packages_a_day=1))
    with site.hub.database() as conn:
        conn.execute(
            "INSERT INTO hub.batch (platform_code, batch_no, channel, sha256, content_digest, raw_uri, size_bytes,"
            " received_at) VALUES (%s, 'x', 'sftp', %s, %s, 's3://x/x', 1, %s)",
            (ZHENGZHOU, "0" * 64, "0" * 64, NOW - timedelta(hours=8)),
        )
        conn.commit()

    assert site.look() == []
    assert site.look(NOW + timedelta(hours=15)) == ["a.zip"]  # the next day
    assert site.channel()["waiting_packages"] == 1


def test_a_file_is_taken_when_two_looks_in_a_row_found_the_same(site: Site) -> None:
    site.card(ready="stable")
    site.put("whole.zip", "growing.zip")

    assert site.look() == []
    site.put("whole.zip", "growing.zip", size=20)
    site.put("whole.zip")  # as before
    assert site.look(NOW + 30 * MINUTE) == ["whole.zip"]
    assert site.look(NOW + 60 * MINUTE) == ["whole.zip", "growing.zip"]


def test_a_group_goes_over_one_session_and_a_dead_line_is_given_up_soon(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        options = SampleOptions(ZHENGZHOU, 1, 900 + number, batch_no=f"one-{number:02d}", datasets=("PROJECT",))
        write_package(tmp_path / options.batch, options)
        pack(tmp_path / options.batch, site.folder / f"{options.batch}.tar.gz")
    opened: list[object] = []
    original = session.open_sftp
    monkeypatch.setattr(session, "open_sftp", lambda link: opened.append(link) or original(link))
    monkeypatch.setattr(groups, "open_hub", lambda: site.hub)
    [group] = discover_groups(site.hub, site.hub.platform(ZHENGZHOU), NOW)

    received = run_stage("receive", group, NOW)

    assert [package["failed"] for package in received["packages"]] == [""] * 12
    assert len(opened) == 2  # for the look and for the group

    site.alive(False)
    failed = run_stage("receive", group, NOW)

    assert {package["failed"] for package in failed["packages"]} == {"receive: TRANSPORT_FAILED"}
    assert len(opened) == 2 + 3
    assert len(list(site.folder.iterdir())) == 12  # they wait at their source
