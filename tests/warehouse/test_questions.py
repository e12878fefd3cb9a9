"""The questions of auditors: documented, runnable by any login, and answered."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import UsageError
from warehouse import mediachecks
from warehouse.connection import connect
from warehouse.dictionary import dictionary, question_page
from warehouse.inclusion import Wanted, personal_fields, prove
from warehouse.loader import load
from warehouse.mediachecks import Outcome
from warehouse.questions import AS_OF, PROJECT_GAPS, QUESTIONS, RECORDING_GAPS, TIMELINE, Question, ask

pytestmark = pytest.mark.stack
DOCS = Path(__file__).parents[2] / "docs"
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
KEYS = [f"4101PR01{number:014d}" for number in range(9)]
HELD = NOON - timedelta(days=60)
CODE, SECTION = "E4101002601050001001", "E4101002601050001001001"


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_every_question_runs_as_it_stands(conn: psycopg.Connection, question: Question) -> None:
    assert isinstance(ask(conn, question, **question.parameters), list)


def test_the_page_of_questions_is_up_to_date() -> None:
    assert (DOCS / "reference" / "audit-questions.md").read_text("utf-8") == question_page()


def test_the_kept_dictionary_of_the_audit_views_is_true_and_whole(postgres_url: str) -> None:
    with connect(postgres_url) as conn:
        written = dictionary(conn, ("audit",))

    kept = (DOCS / "reference" / "data-dictionary.md").read_text("utf-8")
    renew = "hub up; hub audit dictionary docs/reference/data-dictionary.md --schema audit"
    assert kept.splitlines() == written.splitlines(), renew


def test_the_whole_dictionary_has_every_view_and_column(postgres_url: str) -> None:
    with connect(postgres_url) as conn:
        written = dictionary(conn)
        rows = conn.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns"
            " WHERE table_schema IN ('audit', 'exchange')"
        ).fetchall()

    assert {f"## `{schema}.{view}`" for schema, view, _ in rows} <= set(written.splitlines())
    assert all(f"| `{column}` |" in written for _, _, column in rows)


def test_a_record_is_asked_for_as_it_was_on_a_day(conn: psycopg.Connection, make: Any) -> None:
    for day, name in enumerate(("first", "second", None)):
        row = {"DATA_KEY": KEYS[0], "PROJECT_NAME": name, "DATA_TYPE": "1" if name else "3"}
        load(conn, make.batch(), make.validation(make.result("PROJECT", [row])), NOON + timedelta(days=day))

    def told(days: float) -> list[tuple[Any, ...]]:
        rows = ask(conn, AS_OF, dataset="PROJECT", data_key=KEYS[0], at=NOON + timedelta(days=days))
        return [(row["version_no"], row["payload"].get("PROJECT_NAME"), row["is_deleted"]) for row in rows]

    assert told(-1) == []
    assert told(0) == [(1, "first", False)]
    assert told(0.9) == [(1, "first", False)]
    assert told(1) == [(2, "second", False)]
    assert told(5) == [(3, None, True)]


@pytest.fixture
def project(conn: psycopg.Connection, make: Any) -> psycopg.Connection:
    """A section that was announced late, opened and awarded, but neither evaluated, recorded nor contracted."""
    common = {"TENDER_PROJECT_CODE": CODE, "BID_SECTION_CODE": SECTION, "BID_SECTION_CODES": SECTION}
    opened = {"DATA_KEY": KEYS[1], **common, "BID_OPENING_TIME": NOON - timedelta(days=60)}
    results = [
        make.result("BID_OPENING_RECORD", [make.known("BID_OPENING_RECORD", opened)]),
        make.result("WIN_RESULT_ANNO", [make.known("WIN_RESULT_ANNO", {"DATA_KEY": KEYS[2], **common})]),
    ]
    load(conn, make.batch(), make.validation(*results), NOON)
    return conn


def test_a_project_is_told_in_order_with_its_gaps(project: psycopg.Connection) -> None:
    events = ask(project, TIMELINE, tender_project_code=CODE)
    gaps = ask(project, PROJECT_GAPS, tender_project_code=CODE, at=NOON + timedelta(days=30))

    assert {event["stage"] for event in events} == {"opening", "award"}
    assert [event["occurred_at"] for event in events] == sorted(event["occurred_at"] for event in events)
    told = {gap["gap_zh"] for gap in gaps}
    assert {"开标后未见评标", "开标后未见音视频", "有中标结果而无招标公告", "有开标而无招标公告"} <= told
    assert {gap["bid_section_code"] for gap in gaps} == {SECTION}


def test_what_is_not_due_yet_is_no_gap(project: psycopg.Connection, make: Any) -> None:
    early = NOON - timedelta(days=60) + timedelta(days=2)

    gaps = ask(project, PROJECT_GAPS, tender_project_code=CODE, at=early)

    assert not {"开标后未见评标", "开标后未见音视频"} & {gap["gap_zh"] for gap in gaps}


@pytest.fixture
def proved(conn: psycopg.Connection, make: Any) -> Callable[[int], dict[str, Any]]:
    """Proofs of any of nine records among three loads."""
    rows = [{"DATA_KEY": key, "PROJECT_NAME": '某"项目"\n\\'} for key in KEYS]
    load(conn, make.batch(), make.validation(make.result("PROJECT", rows[:1])), NOON)
    load(conn, make.batch(), make.validation(make.result("PROJECT", rows, [{"DATA_KEY": "x"}])), NOON)
    load(conn, make.batch(), make.validation(make.result("SECTION", [{"DATA_KEY": KEYS[0]}])), NOON)
    head = conn.execute("SELECT seq, encode(chain, 'hex') AS chain FROM hub.load_proof ORDER BY seq DESC").fetchone()
    assert head is not None
    heads = [{"seq": head[0], "chain": head[1]}]
    return lambda number: prove(conn, Wanted("PROJECT", KEYS[number]), heads)


def checked(proof: dict[str, Any], folder: Path, *head: str) -> tuple[int, str]:
    """What the third party's script says, in a Python without any of our packages."""
    path = folder / "proof.json"
    path.write_text(json.dumps(proof), "utf-8")
    script = DOCS / "how-to" / "check_proof.py"
    done = subprocess.run(
        [sys.executable, "-I", "-S", script, path, *head], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("number", [0, 1, 4, 8])
def test_a_third_party_can_check_that_a_record_was_sealed(
    proved: Callable[[int], dict[str, Any]], tmp_path: Path, number: int
) -> None:
    proof = proved(number)

    assert checked(proof, tmp_path) == (0, "成立 the proof holds\n")
    assert checked(proof, tmp_path, proof["head"]["chain"])[0] == 0
    assert checked(proof, tmp_path, "00" * 32)[0] == 1
    assert "某" in proof["record_text"]


@pytest.mark.parametrize("part", ["record_text", "leaf_text", "path", "links", "previous_chain", "data_key"])
def test_a_proof_with_anything_changed_does_not_hold(
    proved: Callable[[int], dict[str, Any]], tmp_path: Path, part: str
) -> None:
    proof = proved(3)
    changed: Any = {
        "record_text": proof["record_text"].replace("某", "其"),
        "leaf_text": proof["leaf_text"].replace("data/", "date/"),
        "path": proof["path"][1:],
        "links": proof["links"][:1],
        "previous_chain": "11" * 32,
        "data_key": KEYS[4],
    }[part]

    assert checked({**proof, part: changed}, tmp_path)[0] == 1


def test_the_script_is_short_and_needs_nothing() -> None:
    lines = (DOCS / "how-to" / "check_proof.py").read_text("utf-8").splitlines()
    code = [line for line in lines if line.strip() and not line.strip().startswith(('"""', "#"))]

    assert {line for line in lines if line.startswith(("import", "from"))} == {
        "import hashlib",
        "import json",
        "import sys",
    }
    assert len(code) <= 30


def test_no_proof_is_given_for_what_was_changed_or_never_stored(
    conn: psycopg.Connection, proved: Callable[[int], dict[str, Any]]
) -> None:
    with pytest.raises(UsageError):
        prove(conn, Wanted("PROJECT", "never"), [])
    conn.execute("SET LOCAL session_replication_role = replica")
    conn.execute("UPDATE hub.wh_project SET source_row = 77")
    with pytest.raises(UsageError, match="SEAL_BROKEN"):
        proved(0)


def test_a_proof_knows_which_records_hold_personal_values(conn: psycopg.Connection, make: Any) -> None:
    rows = [{"DATA_KEY": KEYS[0], "ID_CARD": "411023199001010015"}]
    load(conn, make.batch(), make.validation(make.result("BID_EVALUATION_EXPERT", rows)), NOON)

    assert "ID_CARD" in personal_fields(conn, "BID_EVALUATION_EXPERT", KEYS[0])
    assert personal_fields(conn, "PROJECT", KEYS[0]) == []


def gaps_of(conn: psycopg.Connection, make: Any, *recordings: dict[str, Any], days: int = 40) -> set[str]:
    """Gaps of one section that was opened 60 days before noon and has these recordings, asked so many days after."""
    opening = {"DATA_KEY": KEYS[1], "TENDER_PROJECT_CODE": CODE, "BID_SECTION_CODES": SECTION}
    opened = make.known("BID_OPENING_RECORD", {**opening, "BID_OPENING_TIME": HELD})
    usual = {
        "TENDER_PROJECT_CODE": CODE,
        "BID_SECTION_CODES": SECTION,
        "SESSION_KIND": "3",
        "STORAGE_KIND": "2",
        "RECORD_START_TIME": HELD - timedelta(minutes=5),
        "RECORD_END_TIME": HELD + timedelta(minutes=55),
        "DURATION_SECONDS": Decimal(3600),
        "URL": "https://av.example.com/1.mp4",
        "URL_EXPIRY_TIME": None,
    }
    rows = [{"DATA_KEY": KEYS[2 + n], **usual, **change} for n, change in enumerate(recordings)]
    results = [make.result("BID_OPENING_RECORD", [opened]), make.result("RECORDING", rows)]
    load(conn, make.batch(), make.validation(*results), NOON)
    found = ask(conn, RECORDING_GAPS, at=HELD + timedelta(days=days), platform_code=None)
    assert {gap["bid_section_code"] for gap in found} <= {SECTION}
    return {gap["gap"] for gap in found}


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        ({}, set()),
        ({"SESSION_KIND": "4"}, {"missing"}),
        ({"RECORD_START_TIME": HELD + timedelta(minutes=1), "DURATION_SECONDS": Decimal(54 * 60)}, {"not_covered"}),
        ({"DURATION_SECONDS": Decimal(3500)}, {"duration"}),
        ({"DURATION_SECONDS": Decimal(3599)}, set()),
        ({"URL": "rtsp://admin:12345@10.1.1.1/ch1"}, {"credentials"}),
        ({"URL": "https://av.example.com/1.mp4?a=1&token=abc"}, {"credentials"}),
        ({"URL_EXPIRY_TIME": HELD}, {"expired"}),
        ({"STORAGE_KIND": "1"}, {"loop"}),
    ],
)
def test_recordings_are_held_against_their_sessions(
    conn: psycopg.Connection, make: Any, change: dict[str, Any], gap: set[str]
) -> None:
    assert gaps_of(conn, make, change) == gap


def test_a_loop_is_warned_of_before_day_30_and_not_once_archived(conn: psycopg.Connection, make: Any) -> None:
    assert gaps_of(conn, make, {"STORAGE_KIND": "1"}, days=24) == set()
    found = ask(conn, RECORDING_GAPS, at=HELD + timedelta(days=26), platform_code=None)
    assert [gap["gap"] for gap in found] == ["loop"]

    assert gaps_of(conn, make, {"STORAGE_KIND": "1"}, {}, days=26) == set()


def test_a_medium_is_due_until_something_could_look_at_it(conn: psycopg.Connection, make: Any) -> None:
    gaps_of(conn, make, {"REFERENCE_KIND": "1"}, {"REFERENCE_KIND": "3"})

    assert [row["data_key"] for row in mediachecks.due(conn, 9)] == [KEYS[2]]
    medium = ("RECORDING", KEYS[2], 1)
    mediachecks.record(conn, medium, Outcome("unreachable", ["x"], 0), NOON)
    assert [row["data_key"] for row in mediachecks.due(conn, 9)] == [KEYS[2]]
    mediachecks.record(conn, medium, Outcome("consistent", [], 9), NOON)
    assert mediachecks.due(conn, 9) == []


def test_the_state_of_a_medium_is_that_of_its_last_check(conn: psycopg.Connection, make: Any) -> None:
    gaps_of(conn, make, {})
    states = "SELECT check_state FROM audit.recording"
    before = conn.execute(states).fetchone()
    medium = ("RECORDING", KEYS[2], 1)
    mediachecks.record(conn, medium, Outcome("differs", ["x"], 9), NOON)
    mediachecks.record(conn, medium, Outcome("consistent", [], 9), NOON)

    assert before == ("unchecked",)
    assert conn.execute(states).fetchone() == ("consistent",)
