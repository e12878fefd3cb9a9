"""Evidence: what was sealed verifies; whatever a superuser changes behind the triggers is found and named."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.loader import load_release
from contracts.model import FieldType
from exchange_hub.core import canonical
from exchange_hub.core.clock import SHANGHAI
from warehouse import merkle
from warehouse.leaves import kept
from warehouse.loader import load
from warehouse.reading import canonical_texts, sealed_pages
from warehouse.sealed import dataset_kind
from warehouse.shapes import field_orders
from warehouse.verification import Difference, VerifyResult, verify

pytestmark = pytest.mark.stack
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
NASTY = '"V",\r\n\\ \\n \\\\t \t\b\f\v \x1f \\N N\\'
KEYS = [f"4101PR01{number:014d}" for number in range(5)]


@pytest.fixture
def loaded(conn: psycopg.Connection, make: Any) -> psycopg.Connection:
    """Three loads: two projects; an update, a withdrawal and a section; nothing new."""
    first = make.validation(make.result("PROJECT", [{"DATA_KEY": KEYS[0]}, {"DATA_KEY": KEYS[1]}]))
    load(conn, make.batch(), first, NOON)
    changes = [{"DATA_KEY": KEYS[0], "DATA_TYPE": "2", "PROJECT_NAME": ""}, {"DATA_KEY": KEYS[1], "DATA_TYPE": "3"}]
    attached = {"DATA_KEY": KEYS[2], "_attachments": '[{"FILE_NAME": "图, \\"a\\".pdf"}]'}
    second = make.validation(make.result("PROJECT", changes), make.result("SECTION", [attached]))
    load(conn, make.batch(), second, NOON)
    load(conn, make.batch(), make.validation(make.result("SECTION", [attached])), NOON)
    return conn


def tamper(conn: psycopg.Connection, table: str, statement: str) -> None:
    """Change a table as a superuser who switches the guard off."""
    conn.execute("SET LOCAL session_replication_role = replica")
    assert conn.execute(statement).rowcount > 0, table
    conn.execute("SET LOCAL session_replication_role = origin")


def faults(result: VerifyResult) -> list[tuple[str, str | None, str | None]]:
    return [(found.fault.value, found.dataset, found.data_key) for found in result.differences]


def test_what_was_loaded_verifies(loaded: psycopg.Connection) -> None:
    result = verify(loaded)

    assert result.differences == ()
    assert (result.loads, result.versions) == (3, 5)
    assert loaded.execute("SELECT encode(chain, 'hex') FROM hub.load_proof WHERE seq = 3").fetchone() == (result.head,)


def test_one_batch_verifies_alone_and_an_unknown_one_is_an_error(loaded: psycopg.Connection, make: Any) -> None:
    platform, number = loaded.execute("SELECT platform_code, batch_no FROM audit.batch ORDER BY batch_no").fetchall()[0]

    assert verify(loaded, (platform, number)).loads == 1
    with pytest.raises(KeyError):
        verify(loaded, (platform, "never sent"))


@pytest.mark.parametrize(
    "change",
    [
        '"PROJECT_NAME" = NULL',
        '"CREATE_TIME" = "CREATE_TIME" + interval \'1 second\'',
        "source_row = source_row + 1",
        "platform_code = 'another'",
        "recorded_at = recorded_at - interval '1 day'",
        "record_hash = sha256('x')",
        "attachments = '[]'",
        "operation = '2'",
    ],
)
def test_a_changed_record_is_found_and_named(loaded: psycopg.Connection, change: str) -> None:
    tamper(loaded, "wh_project", f"UPDATE hub.wh_project SET {change} WHERE data_key = '{KEYS[0]}' AND version_no = 1")

    assert faults(verify(loaded)) == [("changed_record", "PROJECT", KEYS[0])]


def test_a_cent_more_is_found(loaded: psycopg.Connection) -> None:
    price = '"CONTRACT_RECKON_PRICE"'
    tamper(loaded, "wh_section", f"UPDATE hub.wh_section SET {price} = {price} + 0.01")

    assert faults(verify(loaded)) == [("changed_record", "SECTION", KEYS[2])]


def test_an_empty_text_in_place_of_none_is_found(loaded: psycopg.Connection) -> None:
    tamper(loaded, "wh_project", "UPDATE hub.wh_project SET \"PROJECT_NAME\" = '' WHERE operation = '3'")

    assert faults(verify(loaded)) == [("changed_record", "PROJECT", KEYS[1])]


def test_a_missing_record_is_found_and_named(loaded: psycopg.Connection) -> None:
    tamper(loaded, "wh_section", "DELETE FROM hub.wh_section")

    assert faults(verify(loaded)) == [("missing_record", "SECTION", KEYS[2])]


def test_a_record_slipped_in_is_found_and_named(loaded: psycopg.Connection) -> None:
    slip = f'INSERT INTO hub.wh_project SELECT (jsonb_populate_record(w, \'{{"data_key": "{KEYS[4]}"}}\')).*'
    tamper(loaded, "wh_project", f"{slip} FROM hub.wh_project w WHERE version_no = 2 AND data_key = '{KEYS[0]}'")

    assert faults(verify(loaded)) == [("extra_record", "PROJECT", KEYS[4])]


def test_a_record_slipped_in_with_its_leaf_is_found_by_the_root(loaded: psycopg.Connection) -> None:
    tamper(
        loaded,
        "load_leaf",
        f"UPDATE hub.load_leaf SET data_keys = data_keys || '{KEYS[4]}'::text, version_nos = version_nos || 1,"
        " leaves = leaves || sha256('x') WHERE dataset = 'SECTION'",
    )

    assert "changed_root" in {found[0] for found in faults(verify(loaded))}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE hub.load_proof SET root = sha256('x') WHERE seq = 2",
        "UPDATE hub.load_proof SET chain = sha256('x') WHERE seq = 2",
        "UPDATE hub.load_proof SET previous_chain = sha256('x') WHERE seq = 2",
        "DELETE FROM hub.load_proof WHERE seq = 2",
        "UPDATE hub.batch SET sha256 = repeat('0', 64)",
    ],
)
def test_a_cut_chain_is_found(loaded: psycopg.Connection, statement: str) -> None:
    tamper(loaded, "load_proof", statement)

    assert "cut_chain" in {found[0] for found in faults(verify(loaded))}


def test_a_load_without_its_seal_is_found(loaded: psycopg.Connection) -> None:
    tamper(loaded, "load_proof", "DELETE FROM hub.load_proof WHERE seq = 3")

    assert [found[0] for found in faults(verify(loaded))] == ["unsealed_load"]


def test_the_last_loads_cut_off_show_in_the_head(loaded: psycopg.Connection) -> None:
    before = verify(loaded).head
    for table, where in (("load_proof", "seq = 3"), ("load", "id = (SELECT max(id) FROM hub.load)")):
        tamper(loaded, table, f"DELETE FROM hub.{table} WHERE {where}")

    result = verify(loaded)

    assert result.ok
    assert result.head != before


@pytest.fixture
def rejected(conn: psycopg.Connection, make: Any) -> psycopg.Connection:
    """A load with a rejected record, its finding and a held record, and one with nothing of the kind."""
    split = make.result("PROJECT", [{"DATA_KEY": KEYS[0]}], [{"DATA_KEY": KEYS[1]}], [{"DATA_KEY": KEYS[2]}])
    load(conn, make.batch(), make.validation(split, findings=[{"data_key": KEYS[1], "value": "a\tb\\"}]), NOON)
    load(conn, make.batch(), make.validation(make.result("PROJECT", [{"DATA_KEY": KEYS[3]}])), NOON)
    return conn


@pytest.mark.parametrize(
    ("table", "statement", "fault"),
    [
        ("finding", "UPDATE hub.finding SET rule_id = 'XXX-001'", ("changed_record", "~finding")),
        ("finding", "UPDATE hub.finding SET field = ''", ("changed_record", "~finding")),
        ("finding", "DELETE FROM hub.finding", ("missing_record", "~finding")),
        ("quarantine", "UPDATE hub.quarantine SET raw = raw || '{\"A\": \"x\"}'", ("changed_record", "~quarantine")),
        ("quarantine", "DELETE FROM hub.quarantine", ("missing_record", "~quarantine")),
        ("held", 'UPDATE hub.held SET "row" = 9', ("changed_record", "~held")),
        ("load", "UPDATE hub.load SET accepted = 0, flagged = 0 WHERE rejected = 1", ("changed_record", "~load")),
        ("batch", "UPDATE hub.batch SET received_at = received_at - interval '1 day' WHERE batch_no = 'B-1'",
         ("changed_record", "~load")),
        ("batch", "UPDATE hub.batch SET channel = 'other' WHERE batch_no = 'B-1'", ("changed_record", "~load")),
    ],
)  # fmt: skip
def test_what_was_rejected_is_sealed_as_well(
    rejected: psycopg.Connection, table: str, statement: str, fault: tuple[str, str]
) -> None:
    assert verify(rejected).ok

    tamper(rejected, table, statement)

    assert [found[:2] for found in faults(verify(rejected))] == [fault]


def test_rows_of_a_load_that_never_was_are_found(rejected: psycopg.Connection) -> None:
    slip = f'jsonb_populate_record(w, \'{{"data_key": "{KEYS[4]}", "load_id": 999999}}\')'
    tamper(rejected, "wh_project", f"INSERT INTO hub.wh_project SELECT ({slip}).* FROM hub.wh_project w LIMIT 1")

    assert faults(verify(rejected)) == [("extra_record", "PROJECT", KEYS[4])]


def test_seals_of_the_first_edition_verify_without_what_they_did_not_cover(rejected: psycopg.Connection) -> None:
    for table in ("finding", "quarantine", "held", "load"):
        assert verify(rejected).ok, table
    rejected.execute("SET LOCAL session_replication_role = replica")
    rejected.execute("DELETE FROM hub.load_leaf WHERE dataset LIKE '~%'")
    previous = merkle.GENESIS
    for seq, load_id, sha256 in rejected.execute(
        "SELECT p.seq, p.load_id, b.sha256 FROM hub.load_proof p JOIN hub.load l ON l.id = p.load_id"
        " JOIN hub.batch b ON b.id = l.batch_id ORDER BY p.seq"
    ).fetchall():
        tree = [leaf for frame in kept(rejected, load_id).values() for leaf in frame["_leaf"]]
        chain = merkle.link(previous, merkle.root(tree), sha256)
        rejected.execute(
            "UPDATE hub.load_proof SET evidence_version = '1/1', root = %s, previous_chain = %s, chain = %s"
            " WHERE seq = %s",
            (merkle.root(tree), previous, chain, seq),
        )
        previous = chain
    rejected.execute("SET LOCAL session_replication_role = origin")

    assert verify(rejected).differences == ()


@pytest.fixture
def with_sm3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_EVIDENCE_SM3", "true")


def test_sm3_seals_beside_sha256_and_finds_what_was_rewritten_for_sha256(
    with_sm3: None, loaded: psycopg.Connection
) -> None:
    assert verify(loaded).differences == ()
    assert loaded.execute("SELECT count(*) FROM hub.load_digest WHERE algorithm = 'sm3'").fetchone() == (3,)

    tamper(loaded, "load_digest", "UPDATE hub.load_digest SET root = sha256('x') WHERE load_id = (SELECT max(load_id)"
           " FROM hub.load_digest)")  # fmt: skip

    assert {(one.fault.value, one.detail) for one in verify(loaded).differences} == {
        ("changed_root", "SM3"),
        ("cut_chain", "seq 3: SM3"),
    }


def test_a_load_without_sm3_between_two_with_it_leaves_the_sm3_chain_whole(
    conn: psycopg.Connection, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, wanted in enumerate(("true", "false", "true")):
        monkeypatch.setenv("HUB_EVIDENCE_SM3", wanted)
        load(conn, make.batch(), make.validation(make.result("PROJECT", [{"DATA_KEY": KEYS[number]}])), NOON)

    assert verify(conn).differences == ()


def test_a_package_that_is_not_what_was_received_is_named(loaded: psycopg.Connection) -> None:
    def check(batch: Any) -> str | None:
        return None if batch.batch_no != "B-2" else "sha256 differs"

    found: tuple[Difference, ...] = verify(loaded, raw_check=check).differences

    assert [(one.fault.value, one.batch_no, one.detail) for one in found] == [
        ("changed_package", "B-2", "sha256 differs")
    ]


def test_the_canonical_text_of_what_is_stored_is_that_of_what_was_given(conn: psycopg.Connection, make: Any) -> None:
    edges = [
        {"DATA_KEY": KEYS[0], **edge_values(Decimal("-0.000001"), date(1900, 1, 1), False, "")},
        {"DATA_KEY": KEYS[1], **edge_values(Decimal("99999999999999.999999"), date(9999, 12, 31), True, NASTY)},
        {"DATA_KEY": KEYS[2], **dict.fromkeys(load_release("2.0.0").datasets["RECORDING"].field_names)},
    ]
    given_rows = make.result("RECORDING", edges)
    columns = field_orders(conn)["RECORDING", "2.0.0"]

    result = load(conn, make.batch(), make.validation(given_rows), NOON)
    pages = list(sealed_pages(conn, dataset_kind("RECORDING"), columns, page_bytes=1))

    names = [column.name for column in columns]
    assert sum(page.frame.height for page in pages) == 3
    read = [text for page in pages for text in canonical_texts(page, columns)]
    assert read == canonical.canonical_texts(given_rows.accepted, names).to_list()
    assert verify(conn).differences == ()
    assert result.inserted == 3


def edge_values(amount: Decimal, day: date, flag: bool, text: str) -> dict[str, Any]:
    instant = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=SHANGHAI)
    by_type: dict[FieldType, Any] = {
        FieldType.STRING: text,
        FieldType.TEXT: text,
        FieldType.INTEGER: -(2**63) if flag else 2**63 - 1,
        FieldType.DECIMAL: amount,
        FieldType.DATETIME: instant,
        FieldType.DATE: day,
        FieldType.BOOLEAN: flag,
    }
    return {field.name: by_type[field.type] for field in load_release("2.0.0").datasets["RECORDING"].fields}


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), st.data())
def test_any_other_leaf_or_order_gives_another_root(leaves: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(st.binary(min_size=32, max_size=32).filter(lambda leaf: leaf != leaves[place]))

    changed = [*leaves[:place], other, *leaves[place + 1 :]]

    assert merkle.root(changed) != merkle.root(leaves)
    assert merkle.root(leaves[:-1]) != merkle.root(leaves)
    assert merkle.root([*leaves, other]) != merkle.root(leaves)
