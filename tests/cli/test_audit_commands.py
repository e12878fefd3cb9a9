"""`hub audit`: real processes against a real stack."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from exchange_hub.core.settings import settings

pytestmark = pytest.mark.stack
HUB = Path(sys.executable).with_name("hub")


def hub_command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(HUB), *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False, env=dict(os.environ)
    )


@pytest.fixture(scope="module")
def key(hub: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """DATA_KEY of a section in a package that was loaded."""
    folder = tmp_path_factory.mktemp("audit") / "package"
    hub_command("sample", folder, "--platform", "12411300MA3DEM035H", "--seed", 77, "--batch-no", "audited")
    done = hub_command("ingest", folder, "--json")
    assert json.loads(done.stdout)["verdict"] == "accepted", done.stderr
    with psycopg.connect(settings().database()) as conn:
        row = conn.execute("SELECT data_key FROM exchange.section WHERE hub_batch_no = 'audited'").fetchone()
    assert row is not None
    return str(row[0])


def test_the_history_of_a_record_says_who_sent_it_when_and_in_which_batch(key: str) -> None:
    done = hub_command("audit", "record", "SECTION", key, "--json")

    document = json.loads(done.stdout)
    assert done.returncode == 0
    [version] = document["versions"]
    assert (version["batch_no"], version["platform_code"], version["operation"]) == (
        "audited",
        "12411300MA3DEM035H",
        "insert",
    )
    assert version["payload"]["BID_SECTION_CODE"]
    assert document["findings"] == document["notices"] == document["waits"] == []


def test_the_history_for_a_person_is_chinese_first(key: str) -> None:
    done = hub_command("audit", "record", "SECTION", key)

    assert done.returncode == 0
    assert "版本" in done.stdout
    assert "audited" in done.stdout


def test_personal_values_are_masked_in_the_history(key: str) -> None:
    with psycopg.connect(settings().database()) as conn:
        row = conn.execute(
            "SELECT data_key, id_card FROM exchange.bid_evaluation_expert WHERE hub_batch_no = 'audited' LIMIT 1"
        ).fetchone()
    assert row is not None

    done = hub_command("audit", "record", "BID_EVALUATION_EXPERT", row[0], "--json")

    assert done.returncode == 0
    assert len(str(row[1])) == 18
    assert str(row[1]) not in done.stdout


def test_untouched_evidence_verifies_with_status_0(key: str) -> None:
    whole, one = hub_command("audit", "verify", "--json"), hub_command("audit", "verify", "--batch", "audited")

    assert whole.returncode == one.returncode == 0, whole.stdout
    document = json.loads(whole.stdout)
    assert document["ok"] is True
    assert document["differences"] == []
    assert "无差异" in one.stdout


def test_a_changed_record_is_named_with_status_1(key: str) -> None:
    with psycopg.connect(settings().database()) as conn:  # as an intruder with the owner's rights would
        conn.execute("ALTER TABLE hub.wh_section DISABLE TRIGGER append_only")
        conn.execute("UPDATE hub.wh_section SET source_row = source_row + 1 WHERE data_key = %s", (key,))
    try:
        done = hub_command("audit", "verify", "--batch", "audited", "--json")
    finally:
        with psycopg.connect(settings().database()) as conn:
            conn.execute("UPDATE hub.wh_section SET source_row = source_row - 1 WHERE data_key = %s", (key,))
            conn.execute("ALTER TABLE hub.wh_section ENABLE TRIGGER append_only")

    assert done.returncode == 1
    [difference] = json.loads(done.stdout)["differences"]
    assert (difference["dataset"], difference["data_key"]) == ("SECTION", key)


@pytest.mark.parametrize(
    "arguments",
    [("record", "NO_SUCH", "x"), ("record", "SECTION", "no-such-key"), ("verify", "--batch", "no-such-batch")],
)
def test_what_is_not_there_is_one_line_on_stderr_and_status_2(hub: Any, arguments: tuple[str, ...]) -> None:
    done = hub_command("audit", *arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert "internal error" not in done.stderr
