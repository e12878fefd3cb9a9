"""faults.json tells the truth about the files: which record, which value, which consequences."""

import json
from pathlib import Path

import pytest

from exchange_hub.sample.fault_table import FAULTS, UNKNOWN_FIELD
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package

Row = dict[str, str]


def written(folder: Path, **options: object) -> tuple[list[dict[str, object]], dict[str, list[Row]]]:
    """The book and the rows, by file, of a JSON Lines sample."""
    write_package(folder, SampleOptions(format="jsonl", **options))  # type: ignore[arg-type]
    name = folder / "faults.json"
    book = json.loads(name.read_text("utf-8"))["faults"] if name.exists() else []
    files = {
        f"data/{path.name}": [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for path in (folder / "data").iterdir()
    }
    return book, files


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_can_be_planted_alone(tmp_path: Path, name: str) -> None:
    book, files = written(tmp_path, projects=8, faults=1.0, fault_names=(name,))

    own = [entry for entry in book if not entry["consequence"]]
    assert own
    for entry in own:
        fault = FAULTS[name]
        assert (entry["fault"], entry["dataset"], entry["field"], entry["rule_id"]) == (
            name,
            fault.dataset,
            fault.field,
            fault.rule_id,
        )
        row = files[str(entry["file"])][int(str(entry["row"])) - 1]
        assert row.get("DATA_KEY") == entry["data_key"]


def test_the_faulty_rows_and_no_others_differ_from_the_clean_sample(tmp_path: Path) -> None:
    singles = tuple(name for name in FAULTS if name not in ("duplicate_key", "duplicate_code"))
    book, faulty = written(tmp_path / "faulty", projects=20, faults=6.0, fault_names=singles)
    _, clean = written(tmp_path / "clean", projects=20)

    differing = {
        (file, number)
        for file, rows in faulty.items()
        for number, (row, right) in enumerate(zip(rows, clean[file], strict=True), start=1)
        if row != right
    }
    assert differing == {(entry["file"], entry["row"]) for entry in book if not entry["consequence"]}


def test_about_the_asked_share_of_records_is_faulty(tmp_path: Path) -> None:
    book, files = written(tmp_path, projects=30, faults=5.0)

    share = sum(not entry["consequence"] for entry in book) / sum(map(len, files.values()))
    assert share == pytest.approx(0.05, abs=0.003)


def test_a_rejected_project_holds_all_that_belongs_to_it(tmp_path: Path) -> None:
    book, files = written(tmp_path, projects=3, faults=0.6, fault_names=("project_required_missing",))

    own = [entry for entry in book if not entry["consequence"]]
    assert [entry["outcome"] for entry in own] == ["rejected"]
    project = files["data/PROJECT.jsonl"][int(str(own[0]["row"])) - 1]["PROJECT_CODE"]
    below = {
        (file, number)
        for file, rows in files.items()
        for number, row in enumerate(rows, start=1)
        if row.get("TENDER_PROJECT_CODE", "").startswith(project)
    }
    assert {(entry["file"], entry["row"]) for entry in book if entry["consequence"]} == below
    assert {entry["outcome"] for entry in book if entry["consequence"]} == {"held"}


def test_a_duplicated_key_adds_a_record_and_both_are_expected_to_be_rejected(tmp_path: Path) -> None:
    book, files = written(tmp_path, projects=3, faults=0.6, fault_names=("duplicate_key",))

    rows = [files[str(entry["file"])][int(str(entry["row"])) - 1] for entry in book]
    assert len(rows) == 2
    assert rows[0]["DATA_KEY"] == rows[1]["DATA_KEY"]
    assert rows[0] != rows[1]


def test_only_the_faulty_record_carries_the_unknown_field(tmp_path: Path) -> None:
    book, files = written(tmp_path, projects=4, faults=0.5, fault_names=("unknown_field",))

    with_field = [row for rows in files.values() for row in rows if UNKNOWN_FIELD in row]
    assert len(with_field) == len(book)


def test_a_clean_sample_has_no_book(tmp_path: Path) -> None:
    book, _ = written(tmp_path)

    assert book == []
    assert not (tmp_path / "faults.json").exists()


def test_every_record_can_be_asked_to_be_faulty(tmp_path: Path) -> None:
    book, files = written(tmp_path, projects=2, faults=100.0)

    assert len(book) > sum(map(len, files.values())) // 2
