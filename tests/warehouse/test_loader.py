"""Loading batches: versions, idempotence, all or nothing, several loaders at once."""

import threading
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import ServiceError
from exchange_hub.core.records import Counts
from warehouse import batches
from warehouse.connection import connect
from warehouse.loader import load

pytestmark = pytest.mark.stack
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
K1, K2 = "4101PR0100000000000001", "4101PR0100000000000002"
Later = Callable[[int], datetime]


def history(conn: psycopg.Connection, key: str) -> list[Any]:
    """Versions of a record: number, operation, current, deleted."""
    return conn.execute(
        "SELECT version_no, operation, is_current, is_deleted FROM audit.record WHERE dataset = 'PROJECT'"
        " AND data_key = %s ORDER BY version_no",
        (key,),
    ).fetchall()


def test_an_accepted_record_becomes_its_first_version_with_where_it_came_from(
    conn: psycopg.Connection, make: Any
) -> None:
    batch = make.batch()

    result = load(conn, batch, make.validation(make.result("PROJECT", [{"DATA_KEY": K1}])), NOON)

    row = conn.execute("SELECT * FROM audit.record").fetchone()
    assert row is not None
    assert row[:8] == ("PROJECT", K1, 1, "insert", NOON, None, True, False)
    assert row[8:13] == (batch.platform_code, batch.batch_no, "data/PROJECT.csv", 1, "2.0.0")
    assert (result.inserted, result.unchanged, result.counts) == (1, 0, Counts(1, 1, 0, 0, 0))


def test_the_payload_has_the_values_in_the_form_of_the_spec(conn: psycopg.Connection, make: Any) -> None:
    row = {"DATA_KEY": K1, "PROJECT_CODE": "P-1", "CREATE_TIME": datetime(2026, 1, 5, 8, 0, 9, tzinfo=SHANGHAI)}
    row |= {"CONTRIBUTION_SCALE": Decimal("12.500000"), "PROJECT_NAME": None}
    contract_row = {name: value for name, value in row.items() if name in payload_fields() | {"DATA_KEY"}}

    load(conn, make.batch(), make.validation(make.result("PROJECT", [contract_row])), NOON)

    stored = conn.execute("SELECT payload FROM audit.record").fetchone()
    assert stored is not None
    assert stored[0]["PROJECT_CODE"] == "P-1"
    assert stored[0]["CREATE_TIME"] == "20260105080009"
    assert "PROJECT_NAME" not in stored[0]


def payload_fields() -> set[str]:
    from contracts.loader import load_release

    return set(load_release("2.0.0").datasets["PROJECT"].field_names)


def test_the_same_content_again_is_accepted_and_changes_nothing(
    conn: psycopg.Connection, make: Any, later: Later
) -> None:
    records = make.validation(make.result("PROJECT", [{"DATA_KEY": K1}, {"DATA_KEY": K2}]))
    load(conn, make.batch(), records, NOON)

    again = load(conn, make.batch(), records, later(1))

    assert (again.inserted, again.unchanged) == (0, 2)
    assert history(conn, K1) == [(1, "insert", True, False)]


def test_the_same_batch_twice_is_loaded_once(conn: psycopg.Connection, make: Any, later: Later) -> None:
    batch = make.batch()
    records = make.validation(make.result("PROJECT", [{"DATA_KEY": K1}], rejected=[{"DATA_KEY": K2}]))
    first = load(conn, batch, records, NOON)

    second = load(conn, batch, records, later(1))

    assert second.already
    assert (second.load_id, second.root, second.counts) == (first.load_id, first.root, first.counts)
    assert conn.execute("SELECT count(*) FROM hub.quarantine").fetchone() == (1,)
    assert conn.execute("SELECT count(*) FROM hub.load_proof").fetchone() == (1,)


def test_an_update_supersedes_and_a_withdrawal_closes_without_deleting(
    conn: psycopg.Connection, make: Any, later: Later
) -> None:
    load(conn, make.batch(), make.validation(make.result("PROJECT", [{"DATA_KEY": K1}])), NOON)
    changed = {"DATA_KEY": K1, "DATA_TYPE": "2", "PROJECT_NAME": "改名"}
    load(conn, make.batch(), make.validation(make.result("PROJECT", [changed])), later(1))
    shown = conn.execute("SELECT project_name FROM exchange.project").fetchall()
    gone = make.validation(make.result("PROJECT", [{"DATA_KEY": K1, "DATA_TYPE": "3"}]))
    load(conn, make.batch(), gone, later(2))
    again = load(conn, make.batch(), gone, later(3))

    assert shown == [("改名",)]
    assert history(conn, K1) == [(1, "insert", False, False), (2, "update", False, False), (3, "delete", True, True)]
    assert again.inserted == 0
    assert conn.execute("SELECT count(*) FROM exchange.project").fetchone() == (0,)
    times = conn.execute("SELECT recorded_at, superseded_at FROM audit.record ORDER BY version_no").fetchall()
    assert times == [(NOON, later(1)), (later(1), later(2)), (later(2), None)]


def test_a_clock_that_runs_backwards_does_not_turn_the_order_of_versions(
    conn: psycopg.Connection, make: Any, later: Later
) -> None:
    load(conn, make.batch(), make.validation(make.result("PROJECT", [{"DATA_KEY": K1}])), NOON)
    changed = {"DATA_KEY": K1, "DATA_TYPE": "2", "PROJECT_NAME": "改名"}

    load(conn, make.batch(), make.validation(make.result("PROJECT", [changed])), later(-60))

    times = conn.execute("SELECT recorded_at FROM audit.record ORDER BY version_no").fetchall()
    assert times[0] < times[1]


def test_a_new_attachment_alone_is_a_new_version(conn: psycopg.Connection, make: Any, later: Later) -> None:
    load(conn, make.batch(), make.validation(make.result("PROJECT", [{"DATA_KEY": K1}])), NOON)
    attached = {"DATA_KEY": K1, "DATA_TYPE": "2", "_attachments": '[{"FILE_NAME": "a.pdf"}]'}

    result = load(conn, make.batch(), make.validation(make.result("PROJECT", [attached])), later(1))

    assert result.inserted == 1


def test_rejected_and_held_records_are_kept_as_sent_and_counted(conn: psycopg.Connection, make: Any) -> None:
    batch = make.batch()
    rejected = [{"DATA_KEY": "short", "PROJECT_CODE": "bad\x00code", "UNKNOWN": "x"}]
    project = make.result("PROJECT", [{"DATA_KEY": K1}], rejected, held=[{"DATA_KEY": K2, "_row": "7"}])

    load(conn, batch, make.validation(project, findings=[{"data_key": "short"}]), NOON)

    raw = conn.execute("SELECT data_key, file, \"row\", raw ->> 'PROJECT_CODE', raw ->> 'UNKNOWN' FROM hub.quarantine")
    assert raw.fetchall() == [("short", "data/PROJECT.csv", 101, "bad␀code", "x")]
    assert conn.execute("SELECT data_key, waits_for, state FROM hub.held").fetchall() == [
        (K2, [["PROJECT", "PROJECT_CODE", "P-1"]], "waiting")
    ]
    counts = conn.execute("SELECT received, accepted, rejected, held, verdict FROM audit.batch").fetchone()
    assert counts == (3, 1, 1, 1, "partially_accepted")
    assert conn.execute("SELECT batch_no, data_key, rule_id FROM audit.finding").fetchall() == [
        (batch.batch_no, "short", "PRS-001")
    ]


def test_stored_versions_cannot_be_changed_deleted_or_truncated(conn: psycopg.Connection, make: Any) -> None:
    load(conn, make.batch(), make.validation(make.result("PROJECT", [{"DATA_KEY": K1}])), NOON)

    for statement in (
        "UPDATE hub.wh_project SET platform_code = 'x'",
        "DELETE FROM hub.wh_project",
        "TRUNCATE hub.wh_project",
        "DELETE FROM hub.load_proof",
        "DELETE FROM hub.batch",
        "UPDATE hub.finding SET severity = 'query'",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
            conn.execute(statement)


def test_a_key_taken_by_another_platform_since_validation_stops_the_load(conn: psycopg.Connection, make: Any) -> None:
    records = make.validation(make.result("PROJECT", [{"DATA_KEY": K1}]))
    load(conn, make.batch(), records, NOON)

    with pytest.raises(ServiceError, match="STORED_CHANGED"):
        load(conn, make.batch(platform_code="91410200MA00000000"), records, NOON)


def test_a_load_that_breaks_in_the_middle_leaves_nothing(committed: Any) -> None:
    conn = committed.conn
    batch = committed.batch()
    conn.commit()
    twice = [{"DATA_KEY": K2, "_row": 5}, {"DATA_KEY": K2, "_row": 5}]  # breaks after the versions were written
    broken = committed.validation(committed.result("PROJECT", [{"DATA_KEY": K1}], rejected=twice))

    with pytest.raises(psycopg.errors.UniqueViolation):
        load(conn, batch, broken, NOON)
    conn.rollback()

    for table in ("hub.wh_project", "hub.load", "hub.load_proof", "hub.quarantine"):
        assert conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    whole = committed.validation(committed.result("PROJECT", [{"DATA_KEY": K1}]))
    assert load(conn, batch, whole, NOON).inserted == 1


def test_a_killed_loader_leaves_nothing_and_the_batch_loads_afterwards(committed: Any) -> None:
    conn = committed.conn
    batch = committed.batch()
    conn.commit()
    records = committed.validation(committed.result("PROJECT", [{"DATA_KEY": K1}]))
    victim = connect(conn.info.dsn)
    load(victim, batch, records, NOON)
    conn.execute("SELECT pg_terminate_backend(%s)", (victim.info.backend_pid,))
    conn.commit()
    with pytest.raises(psycopg.OperationalError):
        victim.execute("SELECT 1")
    victim.close()

    assert conn.execute("SELECT count(*) FROM hub.wh_project").fetchone() == (0,)
    assert not load(conn, batch, records, NOON).already


def test_loaders_at_the_same_time_give_one_chain_and_one_version_per_content(committed: Any, later: Later) -> None:
    conn = committed.conn
    rows = [{"DATA_KEY": f"4101PR01{n:014d}"} for n in range(50)]
    made = [committed.batch() for _ in range(4)]
    conn.commit()
    records = committed.validation(committed.result("PROJECT", rows), committed.result("SECTION", rows[::-1]))
    failures: list[BaseException] = []

    def work(batch: batches.BatchRow) -> None:
        with connect(conn.info.dsn) as own:
            load(own, batch, records, NOON)

    def guarded(batch: batches.BatchRow) -> None:
        try:
            work(batch)
        except psycopg.Error as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(batch,)) for batch in [*made, made[0]]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert conn.execute("SELECT count(*), max(version_no) FROM hub.wh_project").fetchone() == (50, 1)
    assert conn.execute("SELECT array_agg(seq ORDER BY seq) FROM hub.load_proof").fetchone() == ([1, 2, 3, 4],)
    assert conn.execute("SELECT sum(inserted) FROM hub.load_proof").fetchone() == (100,)
