"""Batches of one platform take effect in the order of receipt, however their loaders are mixed."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import carry_on
from exchange_hub.flows.receive import BatchRef, receive

pytestmark = pytest.mark.stack

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
Records = Callable[..., list[tuple[str, dict[str, str]]]]
Write = Callable[[str, Sequence[tuple[str, dict[str, str]]]], Path]


def rows(hub: Hub, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with hub.database() as conn:
        return conn.execute(statement, values).fetchall()


def received(hub: Hub, write: Write, batch_no: str, record: tuple[str, dict[str, str]], **fields: str) -> BatchRef:
    return receive(hub, write(batch_no, [(record[0], {**record[1], **fields})]), NOW, channel="cli").ref


def test_an_update_that_is_loaded_first_waits_for_the_insert_before_it(
    new_hub: Callable[[], Hub], records: Records, write: Write
) -> None:
    hub, record = new_hub(), records(5)[0]
    changes = [{}, *({"DATA_TYPE": "2", "PROJECT_NAME": f"改名 {number}"} for number in range(1, 5))]
    refs = [received(hub, write, f"no-{number}", record, **change) for number, change in enumerate(changes)]
    threads = [threading.Thread(target=carry_on, args=(hub, ref, NOW)) for ref in refs]

    for thread in reversed(threads):  # the newest first
        thread.start()
        time.sleep(0.05)
    for thread in threads:
        thread.join()

    versions = rows(hub, "SELECT version_no, batch_no FROM audit.record ORDER BY version_no")
    assert versions == [(number + 1, f"no-{number}") for number in range(5)]
    assert rows(hub, "SELECT count(*) FROM audit.finding") == [(0,)]


def test_a_batch_that_is_stuck_is_not_waited_for(new_hub: Callable[[], Hub], records: Records, write: Write) -> None:
    hub, record = new_hub(), records(5)[0]
    received(hub, write, "stuck", record)
    later = received(hub, write, "later", record, DATA_TYPE="2")
    with hub.database() as conn:
        conn.execute("UPDATE hub.batch SET progress_at = progress_at - interval '61 seconds' WHERE batch_no = 'stuck'")
        conn.commit()
    begun = time.monotonic()

    report = carry_on(hub, later, NOW)

    assert report["counts"]["accepted"] == 1
    assert time.monotonic() - begun < 20


def test_a_batch_that_failed_by_our_own_fault_is_set_aside_and_comes_later(
    new_hub: Callable[[], Hub], records: Records, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, (one, two) = new_hub(), records(5)[:2]
    failing = received(hub, write, "failing", one)
    waiting = received(hub, write, "waiting", two)

    def broken(*_: object) -> None:
        raise RuntimeError("our own fault")

    with monkeypatch.context() as patch:
        patch.setattr("exchange_hub.flows.ingest.validate_batch", broken)
        with pytest.raises(RuntimeError):
            carry_on(hub, failing, NOW)
    begun = time.monotonic()

    assert carry_on(hub, waiting, NOW)["counts"]["held"] == 1
    assert time.monotonic() - begun < 20
    assert carry_on(hub, failing, NOW)["counts"]["accepted"] == 1
    assert rows(hub, "SELECT sum(held) FROM audit.batch") == [(0,)]


def test_another_platforms_batch_waits_for_nobody(new_hub: Callable[[], Hub], records: Records, write: Write) -> None:
    hub, (one, two) = new_hub(), records(5)[:2]
    received(hub, write, "theirs", one)
    with hub.database() as conn:
        conn.execute("UPDATE hub.batch SET platform_code = '12410300MA3DEM027A' WHERE batch_no = 'theirs'")
        conn.commit()

    assert carry_on(hub, received(hub, write, "ours", two), NOW)["counts"]["held"] == 1
