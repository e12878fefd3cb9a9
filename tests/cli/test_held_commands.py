"""`hub held`: real processes against a warehouse of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.stack
HUB = Path(sys.executable).with_name("hub")
Hub = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def command(hub: Any, new_database: Callable[..., str], hub_template: str, tmp_path: Path) -> Hub:
    """A function that runs `hub`; one package whose project has not come was taken in."""
    environment = {**os.environ, "HUB_DATABASE_URL": new_database(hub_template)}

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        words = [str(HUB), *map(str, arguments)]
        return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False, env=environment)

    sample = ("--platform", "12411300MA3DEM035H", "--seed", 88, "--batch-no", "orphans")
    run("sample", tmp_path / "orphans", *sample, "--datasets", "TENDER_PROJECT,SECTION")
    taken = run("ingest", tmp_path / "orphans", "--json")
    assert json.loads(taken.stdout)["counts"]["held"] > 1, taken.stderr
    return run


def test_what_waits_is_listed_with_what_it_waits_for_and_until_when(command: Hub) -> None:
    listed, shown = command("held", "list", "--json"), command("held", "list")

    rows = json.loads(listed.stdout)["held"]
    assert listed.returncode == shown.returncode == 0
    assert {row["batch_no"] for row in rows} == {"orphans"}
    assert all(row["waits_for"] and row["rejected_at"] > row["since"] for row in rows)
    assert f"共 {len(rows)} 条" in shown.stdout


def test_settling_after_the_grace_period_rejects_with_status_1_and_then_nothing_waits(command: Hub) -> None:
    early = command("held", "settle", "--json")
    late = command("held", "settle", "--as-of", "2027-02-01T00:00:00+08:00", "--json")
    listed = command("held", "list")

    assert (early.returncode, json.loads(early.stdout)["rejected"]) == (0, 0)
    assert late.stdout, late.stderr
    settled = json.loads(late.stdout)
    assert late.returncode == 1
    assert settled["rejected"] > 1
    assert len(settled["notices"]) == 1
    assert "没有等待的记录" in listed.stdout


def test_a_fault_of_ours_is_one_line_on_stderr_and_its_traceback_lies_in_the_log(command: Hub) -> None:
    done = command("held", "settle", "--as-of", "2100-01-01T00:00:00+08:00")  # no calendar of working days yet

    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    log = (Path(os.environ["HUB_HOME"]) / "logs" / "hub.log").read_text("utf-8")
    assert "NO_CALENDAR" in log
