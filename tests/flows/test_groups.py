"""Groups of small packages: one that breaks us fails alone, and is taken up again where it stopped."""

import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import PackagesFailed
from exchange_hub.flows import discovery, groups, load
from exchange_hub.flows.context import Hub
from exchange_hub.flows.discovery import discover_groups
from exchange_hub.flows.groups import run_stage
from exchange_hub.flows.submit import submit
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from warehouse.batches import BatchRow

pytestmark = pytest.mark.stack

ZHENGZHOU = "12410100MA3DEM0195"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
STAGES = ("receive", "validate", "load", "notify")


def rows(hub: Hub, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with hub.database() as conn:
        return conn.execute(statement, values).fetchall()


def send(folder: Path, batch_no: str, seed: int, *datasets: str) -> None:
    chosen = datasets or ("PROJECT", "TENDER_PROJECT")
    options = SampleOptions(ZHENGZHOU, 1, seed, batch_no=batch_no, datasets=chosen)
    write_package(folder / batch_no, options)
    submit(folder / batch_no, ZHENGZHOU)


def test_a_poisoned_package_fails_alone_in_its_group_and_is_taken_up_again(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "GROUP_FROM", 3)
    names = ("group-a", "group-poison", "group-c")
    for number, name in enumerate(names):
        send(tmp_path, name, 700 + number)
    time.sleep(2.1)  # a package is ready when it has rested for two seconds
    [group] = discover_groups(hub, hub.platform(ZHENGZHOU), NOW)
    original = groups.read_received

    def poisoned(hub: Hub, batch: BatchRow, folder: Path) -> Any:
        if batch.batch_no == "group-poison":
            raise RuntimeError("our own fault")
        return original(hub, batch, folder)

    travelling = group
    with monkeypatch.context() as patch:
        patch.setattr(groups, "read_received", poisoned)
        for stage in STAGES[:-1]:
            travelling = run_stage(stage, travelling, NOW)
        with pytest.raises(PackagesFailed) as failure:
            run_stage("notify", travelling, NOW)

    assert len(group["packages"]) == 3
    assert "group-poison" in failure.value.message_zh
    said = rows(hub, "SELECT batch_no, verdict FROM audit.batch WHERE batch_no LIKE 'group-%%' ORDER BY 1")
    assert said == [("group-a", "accepted"), ("group-c", "accepted"), ("group-poison", None)]

    for stage in STAGES:  # the task is cleared: everything is gone through again
        group = run_stage(stage, group, NOW)

    assert rows(hub, "SELECT verdict FROM audit.batch WHERE batch_no = 'group-poison'") == [("accepted",)]
    assert rows(hub, "SELECT max(version_no) FROM audit.record WHERE batch_no LIKE 'group-%%'") == [(1,)]


def test_held_records_are_released_when_the_task_that_loaded_their_parents_was_killed_and_is_done_again(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(tmp_path, "killed-children", 790, "TENDER_PROJECT")
    send(tmp_path, "killed-parents", 790, "PROJECT")
    time.sleep(2.1)
    children, parents = discover_groups(hub, hub.platform(ZHENGZHOU), NOW)
    travelling = children
    for stage in STAGES[:3]:
        travelling = run_stage(stage, travelling, NOW)
    travelling = parents
    with monkeypatch.context() as patch:
        patch.setattr(load, "release_held", lambda *_: None)  # as killed after the load's commit
        for stage in STAGES[:3]:
            travelling = run_stage(stage, travelling, NOW)
    held = "SELECT held, accepted FROM audit.batch WHERE batch_no = 'killed-children'"
    before = rows(hub, held)

    for stage in STAGES[:3]:
        parents = run_stage(stage, parents, NOW)

    assert (before, rows(hub, held)) == ([(1, 0)], [(0, 1)])
