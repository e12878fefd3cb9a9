"""Verifying with several processes: all read one state, and find what one process finds."""

from datetime import datetime
from typing import Any

import psycopg
import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import UsageError
from warehouse import stretches
from warehouse.crew import crew
from warehouse.loader import load
from warehouse.verification import verify

pytestmark = pytest.mark.stack
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
KEYS = [f"4101PR01{number:014d}" for number in range(205)]  # several blocks of their table


def states(conn: psycopg.Connection) -> int:
    row = conn.execute("SELECT count(*) FROM hub.schema_state").fetchone()
    return int(row[0]) if row else 0


def fail(_: psycopg.Connection) -> int:
    raise UsageError("SAID", "说明", "said", "here")


def test_a_crew_reads_the_state_of_its_caller_and_raises_what_its_tasks_raise(committed: Any) -> None:
    conn = committed.conn
    conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    before = states(conn)
    with crew(conn, 2) as hands, psycopg.connect(conn.info.dsn, password=conn.info.password) as other:
        other.execute("INSERT INTO hub.schema_state VALUES ('later', '')")
        other.commit()

        assert list(hands.run([states] * 9)) == [before] * 9
        with pytest.raises(UsageError) as raised:
            list(hands.run([fail]))

        assert states(other) == before + 1
    assert (raised.value.code, raised.value.where) == ("SAID", "here")


def test_several_processes_find_what_one_finds(committed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "ROWS", 20)
    for keys in (KEYS[:200], KEYS[200:]):
        result = committed.result("PROJECT", [{"DATA_KEY": key} for key in keys])
        load(committed.conn, committed.batch(), committed.validation(result), NOON)
    committed.conn.commit()
    assert verified(committed.conn, 2).ok
    committed.conn.execute("SET LOCAL session_replication_role = replica")
    for statement in (
        f"UPDATE hub.wh_project SET \"PROJECT_NAME\" = 'x' WHERE data_key = '{KEYS[3]}'",
        f"DELETE FROM hub.wh_project WHERE data_key = '{KEYS[150]}'",
        f"UPDATE hub.wh_project SET data_key = '{KEYS[150]}' WHERE data_key = '{KEYS[201]}'",
        "UPDATE hub.load_proof SET root = sha256('x') WHERE seq = 2",
    ):
        assert committed.conn.execute(statement).rowcount == 1, statement
    committed.conn.commit()

    alone, together = verified(committed.conn, 1), verified(committed.conn, 2)

    assert together == alone
    assert [(one.fault.value, one.data_key) for one in together.differences] == [
        *[("cut_chain", None), ("changed_root", None), ("changed_record", KEYS[3]), ("extra_record", KEYS[150])],
        *[("missing_record", KEYS[150]), ("missing_record", KEYS[201])],
    ]


def verified(conn: psycopg.Connection, processes: int) -> Any:
    result = verify(conn, processes=processes)
    conn.rollback()
    return result
