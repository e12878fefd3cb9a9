"""Held records on real servers: whatever the order in which parents and children come, the same is stored."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.flows import held as flow
from exchange_hub.flows.context import Hub
from exchange_hub.flows.held import settle_held
from exchange_hub.flows.ingest import ingest
from warehouse.verification import verify

pytestmark = pytest.mark.stack

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
Record = tuple[str, dict[str, str]]
Records = Callable[..., list[Record]]
Write = Callable[[str, Sequence[Record]], Path]
COUNTS = "SELECT received, accepted, rejected, held, verdict FROM audit.batch WHERE batch_no = %s"


def rows(hub: Hub, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with hub.database() as conn:
        return conn.execute(statement, values).fetchall()


def stored(hub: Hub) -> list[tuple[Any, ...]]:
    """What the warehouse says, without when and by which batch."""
    return rows(
        hub,
        "SELECT dataset, data_key, version_no, operation, record_hash, is_current FROM audit.record ORDER BY 1, 2, 3",
    )


def pick(records: Sequence[Record], *datasets: str) -> list[Record]:
    return [record for record in records if record[0] in datasets]


def changed(record: Record, **fields: str) -> Record:
    return record[0], {**record[1], **fields}


def evidence_is_whole(hub: Hub) -> bool:
    with hub.database() as conn:
        return verify(conn).ok


def test_children_are_released_through_the_whole_chain_when_the_parent_comes(
    new_hub: Callable[[], Hub], records: Records, write: Write
) -> None:
    hub, sample = new_hub(), records(5)
    parents, children = pick(sample, "PROJECT"), [record for record in sample if record[0] != "PROJECT"]
    report = ingest(hub, write("children", children), NOW, channel="cli")

    ingest(hub, write("parent", parents), NOW + timedelta(hours=1), channel="cli")

    assert report["counts"]["held"] == len(children)
    assert rows(hub, COUNTS, "children") == [(len(children), len(children), 0, 0, "accepted")]
    assert rows(hub, "SELECT count(*) FROM audit.record WHERE batch_no = 'children'") == [(len(children),)]
    assert rows(hub, "SELECT reported_held FROM audit.batch WHERE batch_no = 'children'") == [(len(children),)]
    assert rows(hub, "SELECT DISTINCT state, settled_by FROM audit.held") == [("accepted", "held_release")]
    assert evidence_is_whole(hub)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_in_any_split_ends_in_the_same_warehouse(
    new_hub: Callable[[], Hub], records: Records, write: Write, data: st.DataObject
) -> None:
    sample = pick(records(5), "PROJECT", "TENDER_PROJECT", "SECTION", "TENDER_ANN_QUA_INQUERY_ANN", "TENDER_LIST")
    shuffled = data.draw(st.permutations(sample))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(sample) - 1), min_size=1, max_size=3)))
    parts = [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(sample)], strict=True)]
    straight, mixed = new_hub(), new_hub()
    ingest(straight, write("all", sample), NOW, channel="cli")

    packages = [write(f"part-{number}", part) for number, part in enumerate(parts)]
    for package in packages:
        ingest(mixed, package, NOW, channel="cli")

    assert stored(mixed) == stored(straight)
    assert rows(mixed, "SELECT sum(held), sum(rejected), sum(received - accepted) FROM audit.batch") == [(0, 0, 0)]
    before = rows(mixed, "SELECT count(*), (SELECT count(*) FROM hub.finding) FROM hub.load")
    for package in packages:
        ingest(mixed, package, NOW + timedelta(days=1), channel="cli")
    settle_held(mixed, NOW + timedelta(days=30))
    assert stored(mixed) == stored(straight)
    assert rows(mixed, "SELECT count(*), (SELECT count(*) FROM hub.finding) FROM hub.load") == before


def test_a_child_of_a_rejected_parent_waits_for_the_corrected_parent(
    new_hub: Callable[[], Hub], records: Records, write: Write
) -> None:
    hub, sample = new_hub(), pick(records(5), "PROJECT", "TENDER_PROJECT")
    wrong = [changed(sample[0], PROJECT_NAME=""), sample[1]]
    first = ingest(hub, write("wrong", wrong), NOW, channel="cli")

    ingest(hub, write("right", sample[:1]), NOW + timedelta(hours=1), channel="cli")

    assert (first["counts"]["rejected"], first["counts"]["held"]) == (1, 1)
    assert rows(hub, COUNTS, "wrong") == [(2, 1, 1, 0, "partially_accepted")]


def test_a_record_found_wrong_when_released_goes_on_a_notice_of_its_own(
    new_hub: Callable[[], Hub], records: Records, write: Write
) -> None:
    hub, sample = new_hub(), records(5)
    project, tender = pick(sample, "PROJECT", "TENDER_PROJECT")
    ingest(hub, write("waiting", [tender]), NOW, channel="cli")
    other = changed(tender, DATA_KEY=tender[1]["DATA_KEY"][:-1] + ("1" if tender[1]["DATA_KEY"][-1] != "1" else "2"))

    ingest(hub, write("same-code", [project, other]), NOW + timedelta(hours=1), channel="cli")

    assert rows(hub, COUNTS, "waiting") == [(1, 0, 1, 0, "rejected")]
    assert rows(hub, "SELECT rule_id FROM audit.finding WHERE batch_no = 'waiting' AND severity = 'reject'") == [
        ("REF-004",)
    ]
    notices = rows(hub, "SELECT state, items, due_date::text FROM audit.notice WHERE batch_no = 'waiting'")
    assert notices == [("delivered", 1, "2026-11-30")]


def test_the_grace_period_ends_in_a_rejection_with_its_own_clock(
    new_hub: Callable[[], Hub], records: Records, write: Write
) -> None:
    hub, sample = new_hub(), records(5)
    ingest(hub, write("orphans", pick(sample, "TENDER_PROJECT", "SECTION")), NOW, channel="cli")
    over = NOW + timedelta(days=hub.settings.held_grace_days)

    early = settle_held(hub, over - timedelta(seconds=1))
    late = settle_held(hub, over)
    again = settle_held(hub, over + timedelta(days=1))

    assert (early.rejected, late.rejected, again.rejected) == (0, 2, 0)
    assert rows(hub, COUNTS, "orphans") == [(2, 0, 2, 0, "rejected")]
    assert rows(hub, "SELECT DISTINCT rule_id, found_by FROM audit.finding WHERE severity = 'reject'") == [
        ("REF-002", "held_expiry")
    ]
    assert rows(hub, "SELECT items, received_at FROM audit.notice") == [(2, over)]
    ingest(hub, write("late-parent", pick(sample, "PROJECT")), over, channel="cli")
    assert rows(hub, COUNTS, "orphans") == [(2, 0, 2, 0, "rejected")]
    assert evidence_is_whole(hub)


def test_a_later_batch_with_the_same_key_supersedes_the_record_that_waits(
    new_hub: Callable[[], Hub], records: Records, write: Write
) -> None:
    hub, (project, tender) = new_hub(), pick(records(5), "PROJECT", "TENDER_PROJECT")
    ingest(hub, write("first", [tender]), NOW, channel="cli")
    better = changed(tender, TENDER_PROJECT_NAME="更正后的名称")

    ingest(hub, write("second", [project, better]), NOW + timedelta(hours=1), channel="cli")

    assert rows(hub, "SELECT tender_project_name, hub_batch_no FROM exchange.tender_project") == [
        ("更正后的名称", "second")
    ]
    assert rows(hub, "SELECT state FROM audit.held") == [("superseded",)]
    assert rows(hub, COUNTS, "first") == [(1, 1, 0, 0, "accepted")]
    assert rows(hub, "SELECT count(*) FROM audit.notice") == [(0,)]
    assert settle_held(hub, NOW + timedelta(days=30)).rejected == 0


def test_an_insert_and_its_update_that_both_wait_become_two_versions(
    new_hub: Callable[[], Hub], records: Records, write: Write
) -> None:
    hub, (project, tender) = new_hub(), pick(records(5), "PROJECT", "TENDER_PROJECT")
    ingest(hub, write("insert", [tender]), NOW, channel="cli")
    ingest(hub, write("update", [changed(tender, DATA_TYPE="2", TENDER_PROJECT_NAME="改名")]), NOW, channel="cli")

    ingest(hub, write("parent", [project]), NOW + timedelta(hours=1), channel="cli")

    versions = rows(
        hub, "SELECT version_no, operation, batch_no FROM audit.record WHERE dataset = 'TENDER_PROJECT' ORDER BY 1"
    )
    assert versions == [(1, "insert", "insert"), (2, "update", "update")]
    assert rows(hub, "SELECT count(*) FROM audit.finding WHERE rule_id = 'REF-009'") == [(0,)]


def test_a_record_may_be_withdrawn_while_it_waits(new_hub: Callable[[], Hub], records: Records, write: Write) -> None:
    hub, (project, tender) = new_hub(), pick(records(5), "PROJECT", "TENDER_PROJECT")
    ingest(hub, write("insert", [tender]), NOW, channel="cli")
    withdrawal = (tender[0], {"DATA_KEY": tender[1]["DATA_KEY"], "DATA_TYPE": "3"})

    report = ingest(hub, write("withdrawn", [withdrawal]), NOW, channel="cli")
    ingest(hub, write("parent", [project]), NOW, channel="cli")

    assert report["verdict"] == "accepted"
    assert rows(hub, "SELECT count(*) FROM exchange.tender_project") == [(0,)]
    assert rows(hub, "SELECT state FROM audit.held") == [("superseded",)]


def test_a_crash_after_the_load_is_made_good_by_the_next_one(
    new_hub: Callable[[], Hub], records: Records, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, sample = new_hub(), pick(records(5), "PROJECT", "TENDER_PROJECT", "SECTION")
    ingest(hub, write("children", sample[1:]), NOW, channel="cli")
    parent = write("parent", sample[:1])

    def broken(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("exchange_hub.flows.load.release_held", broken)
        with pytest.raises(RuntimeError):
            ingest(hub, parent, NOW, channel="cli")
    assert rows(hub, COUNTS, "children")[0][3] == 2

    ingest(hub, parent, NOW, channel="cli")

    assert rows(hub, COUNTS, "children") == [(2, 2, 0, 0, "accepted")]


def test_a_release_that_breaks_leaves_nothing_half_done_and_the_daily_sweep_completes_it(
    new_hub: Callable[[], Hub], records: Records, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, (project, tender) = new_hub(), pick(records(5), "PROJECT", "TENDER_PROJECT")
    ingest(hub, write("child", [tender]), NOW, channel="cli")

    def broken(*_: object) -> None:
        raise RuntimeError("our own fault")

    with monkeypatch.context() as patch:
        patch.setattr(flow, "follow_up", broken)  # after versions, findings and states were written
        report = ingest(hub, write("parent", [project]), NOW, channel="cli")
    assert report["verdict"] == "accepted"  # the parent's own load is not touched by it
    assert rows(hub, COUNTS, "child")[0][3] == 1
    assert rows(hub, "SELECT count(*) FROM audit.record WHERE batch_no = 'child'") == [(0,)]

    settled = settle_held(hub, NOW + timedelta(days=1))

    assert settled.accepted == 1
    assert rows(hub, COUNTS, "child") == [(1, 1, 0, 0, "accepted")]
    assert evidence_is_whole(hub)


def test_parent_and_child_loaded_at_the_same_time_leave_nothing_waiting(
    new_hub: Callable[[], Hub], records: Records, write: Write
) -> None:
    hub, sample = new_hub(), pick(records(5), "PROJECT", "TENDER_PROJECT", "SECTION", "TENDER_LIST")
    packages = [write(f"at-once-{number}", [record]) for number, record in enumerate(sample)]
    failures: list[BaseException] = []

    def work(package: Path) -> None:
        try:
            ingest(hub, package, NOW, channel="cli")
        except Exception as error:  # noqa: BLE001 -- shown by the assertion
            failures.append(error)

    threads = [threading.Thread(target=work, args=(package,)) for package in reversed(packages)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert rows(hub, "SELECT sum(received), sum(accepted), sum(held) FROM audit.batch") == [
        (len(sample), len(sample), 0)
    ]
    assert evidence_is_whole(hub)
