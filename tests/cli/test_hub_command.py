"""The command `hub` as a technician meets it: real processes, exit status, one line on stderr, no traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HUB = Path(sys.executable).with_name("hub")


def hub(*arguments: object, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {"HUB_HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    return subprocess.run(
        [str(HUB), *map(str, arguments)], capture_output=True, text=True, env=environment, timeout=60, check=False
    )


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    made = hub("sample", folder / "package", "--projects", 1, "--seed", 3, home=folder)
    assert made.returncode == 0, made.stderr
    return folder / "package"


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faulty")
    made = hub("sample", folder / "package", "--projects", 2, "--seed", 3, "--faults", 8, home=folder)
    assert made.returncode == 0, made.stderr
    return folder / "package"


def test_a_clean_package_passes_with_status_0(clean: Path, tmp_path: Path) -> None:
    checked = hub("check", clean, "--json", home=tmp_path)

    report = json.loads(checked.stdout)
    assert checked.returncode == 0
    assert report["verdict"] == "accepted"
    assert report["findings_total"] == 0
    assert report["counts"]["received"] == report["counts"]["accepted"] > 50


def test_a_clean_package_is_closed_in_itself(clean: Path, tmp_path: Path) -> None:
    checked = hub("check", clean, "--closed", "--json", home=tmp_path)

    assert checked.returncode == 0
    assert json.loads(checked.stdout)["counts"]["held"] == 0


def test_planted_faults_are_found_with_status_1(faulty: Path, tmp_path: Path) -> None:
    checked = hub("check", faulty, "--json", home=tmp_path)

    report = json.loads(checked.stdout)
    counts = report["counts"]
    assert checked.returncode == 1
    assert report["verdict"] == "partially_accepted"
    assert counts["received"] == counts["accepted"] + counts["rejected"] + counts["held"]
    assert counts["rejected"] > 0
    assert all(finding["message_zh"] and finding["expected_zh"] for finding in report["findings"])


def test_the_report_is_written_as_html_and_workbook(faulty: Path, tmp_path: Path) -> None:
    hub("check", faulty, "--html", tmp_path / "r.html", "--xlsx", tmp_path / "r.xlsx", home=tmp_path)

    assert "<html" in (tmp_path / "r.html").read_text("utf-8")
    assert (tmp_path / "r.xlsx").read_bytes()[:2] == b"PK"


def test_a_broken_package_is_refused_with_its_cause(clean: Path, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{not json", encoding="utf-8")

    checked = hub("check", tmp_path, "--json", home=tmp_path / "home")

    report = json.loads(checked.stdout)
    assert checked.returncode == 1
    assert report["verdict"] == "refused"
    assert report["refusal"]["code"] == "MANIFEST_INVALID"


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "/no/such/package"),
        ("check", "/no/such/file.csv", "--dataset", "SECTION"),
        ("deadline", "yesterday"),
        ("contracts", "diff", "1", "2"),
        ("contracts", "show", "NO_SUCH_DATASET"),
        ("no-such-command",),
        ("check",),
    ],
)
def test_wrong_usage_is_one_line_on_stderr_and_status_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = hub(*arguments, home=tmp_path)

    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert "internal error" not in done.stderr
    assert "Traceback" not in done.stderr


def test_the_deadline_counts_the_make_up_sunday(tmp_path: Path) -> None:
    done = hub("deadline", "2026-09-18T10:00:00", "--json", home=tmp_path)

    document = json.loads(done.stdout)
    assert document["due_date"] == "2026-09-24"
    assert document["due_at"] == "2026-09-25T00:00:00+08:00"
    assert document["counted_days"][0] == "2026-09-20"
    assert document["provisional"] is False
