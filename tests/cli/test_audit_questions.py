"""`hub audit`: questions, proofs and grants, as real processes against a real stack."""

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
SCRIPT = Path(__file__).parents[2] / "docs" / "how-to" / "check_proof.py"


def hub_command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(HUB), *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False, env=dict(os.environ)
    )


@pytest.fixture(scope="module")
def stored(hub: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """DATA_KEY and tender project of a section that was loaded."""
    folder = tmp_path_factory.mktemp("asked") / "package"
    hub_command("sample", folder, "--platform", "12411300MA3DEM035H", "--seed", 78, "--batch-no", "asked")
    done = hub_command("ingest", folder, "--json")
    assert json.loads(done.stdout)["verdict"] == "accepted", done.stderr
    with psycopg.connect(settings().database()) as conn:
        row = conn.execute(
            "SELECT data_key, tender_project_code FROM exchange.section WHERE hub_batch_no = 'asked'"
        ).fetchone()
    assert row is not None
    return str(row[0]), str(row[1])


def test_a_record_is_shown_as_of_a_day(stored: tuple[str, str]) -> None:
    done = hub_command("audit", "as-of", "SECTION", stored[0], "2999-01-01", "--json")
    never = hub_command("audit", "as-of", "SECTION", stored[0], "2001-01-01")

    assert json.loads(done.stdout)["payload"]["BID_SECTION_CODE"]
    assert never.returncode == 2
    assert len(never.stderr.splitlines()) == 1


def test_a_timeline_tells_the_events_and_exits_1_where_there_are_gaps(stored: tuple[str, str]) -> None:
    whole = hub_command("audit", "timeline", stored[1], "--json")

    document = json.loads(whole.stdout)
    assert {"registration", "announcement", "opening", "evaluation", "award", "recording"} <= {
        event["stage"] for event in document["events"]
    }
    assert whole.returncode == (1 if document["gaps"] else 0)


def test_a_proof_leads_to_the_head_that_lies_in_the_evidence_store(stored: tuple[str, str], tmp_path: Path) -> None:
    out = tmp_path / "proof.json"

    done = hub_command("audit", "prove", "SECTION", stored[0], "--out", out)

    assert done.returncode == 0, done.stderr
    head = json.loads(out.read_text("utf-8"))["head"]["chain"]
    assert head in done.stdout
    checked = subprocess.run([sys.executable, "-I", SCRIPT, out, head], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_a_login_is_made_granted_used_watched_and_closed(hub: Any, stored: tuple[str, str]) -> None:
    made = hub_command("audit", "login", "cli_auditor", "--group", "auditor")
    password = made.stdout.split("once: ")[1].split()[0]
    url = settings().database()
    login_url = f"postgresql://cli_auditor:{password}@{url.split('@')[1]}"
    granted = hub_command("audit", "grant", "cli_auditor", "--region", "411300", "--reason", "年度审计")
    with psycopg.connect(login_url) as conn:
        seen = conn.execute("SELECT DISTINCT platform_code FROM audit.record").fetchall()
    looked = hub_command("audit", "looked", "--login", "cli_auditor", "--json")
    closed = hub_command("audit", "revoke", "cli_auditor", "--reason", "审计结束", "--close")
    grants = json.loads(hub_command("audit", "grants", "--json").stdout)["grants"]

    assert granted.returncode == closed.returncode == 0, granted.stderr + closed.stderr
    assert seen == [("12411300MA3DEM035H",)]
    assert looked.returncode == 0, looked.stderr
    said = [row["statement"] for row in json.loads(looked.stdout)["looked"]]
    assert "SELECT DISTINCT platform_code FROM audit.record" in said
    assert [g["revoke_reason"] for g in grants if g["login"] == "cli_auditor"] == ["审计结束"]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(login_url)


@pytest.mark.parametrize(
    "arguments",
    [
        ("grant", "nobody_here", "--reason", "x"),
        ("grant", "nobody_here", "--reason", "x", "--personal"),
        ("login", "hub", "--group", "auditor"),
        ("login", "x", "--group", "king"),
        ("timeline", "E0000000000000000000"),
        ("rejection", "FK-00000000-2026-000000"),
        ("prove", "NO_SUCH", "x"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(hub: Any, arguments: tuple[str, ...]) -> None:
    done = hub_command("audit", *arguments)

    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr
