"""A sample package: deterministic, whole, the same records in every format."""

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from lxml import etree

from exchange_hub.core.errors import UsageError
from exchange_hub.sample.archive import pack
from exchange_hub.sample.options import FORMATS, SampleOptions
from exchange_hub.sample.write import write_package

Row = dict[str, str]


def rows_of(path: Path, encoding: str = "utf-8") -> Iterator[Row]:
    """Records of a data file, values that are not null."""
    if path.suffix == ".csv":
        with path.open(encoding=encoding, newline="") as file:
            for row in csv.DictReader(file):
                yield {name: value for name, value in row.items() if value}
    elif path.suffix == ".jsonl":
        for line in path.read_text("utf-8").splitlines():
            yield json.loads(line)
    elif path.suffix == ".parquet":
        for row in pq.read_table(path).to_pylist():
            yield {name: value for name, value in row.items() if value is not None}
    else:
        for record in etree.parse(path).getroot():
            title, context = record
            yield {leaf.tag: leaf.text or "" for leaf in (*title, *context) if leaf.tag != "DATA_EN"}


def all_rows(folder: Path) -> dict[str, list[Row]]:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    return {
        entry["dataset"]: list(rows_of(folder / entry["path"], entry.get("encoding", "utf-8")))
        for entry in manifest["files"]
    }


def all_bytes(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_options_give_the_same_bytes(tmp_path: Path, form: str) -> None:
    options = SampleOptions(projects=3, seed=7, format=form, faults=5)

    write_package(tmp_path / "a", options)
    write_package(tmp_path / "b", options)

    assert all_bytes(tmp_path / "a") == all_bytes(tmp_path / "b")


def test_another_seed_gives_other_records_with_other_keys(tmp_path: Path) -> None:
    write_package(tmp_path / "a", SampleOptions(projects=2, seed=1))
    write_package(tmp_path / "b", SampleOptions(projects=2, seed=2))

    keys = [{row["DATA_KEY"] for rows in all_rows(tmp_path / name).values() for row in rows} for name in "ab"]
    assert keys[0].isdisjoint(keys[1])


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "csv"])
def test_every_format_holds_the_same_records(tmp_path: Path, form: str) -> None:
    write_package(tmp_path / "csv", SampleOptions(projects=3, format="csv"))
    write_package(tmp_path / form, SampleOptions(projects=3, format=form))

    assert all_rows(tmp_path / "csv") == all_rows(tmp_path / form)


@pytest.mark.parametrize("encoding", ["gb18030", "gbk"])
def test_csv_in_a_chinese_encoding_holds_the_same_records(tmp_path: Path, encoding: str) -> None:
    write_package(tmp_path / "a", SampleOptions(projects=2, format="csv"))
    write_package(tmp_path / "b", SampleOptions(projects=2, format="csv", encoding=encoding))

    assert all_rows(tmp_path / "a") == all_rows(tmp_path / "b")
    assert all_bytes(tmp_path / "a") != all_bytes(tmp_path / "b")


@pytest.mark.parametrize("form", FORMATS)
def test_the_manifest_tells_count_and_hash_of_every_file(tmp_path: Path, form: str) -> None:
    manifest = write_package(tmp_path, SampleOptions(projects=4, format=form, faults=8))

    for entry in manifest.files:
        path = tmp_path / entry.path
        assert hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256
        assert len(list(rows_of(path))) == entry.records


def test_a_subset_holds_only_its_datasets_with_the_same_records(tmp_path: Path) -> None:
    write_package(tmp_path / "all", SampleOptions(projects=2))
    write_package(tmp_path / "few", SampleOptions(projects=2, datasets=("RECORDING", "TENDER_LIST")))

    whole, few = all_rows(tmp_path / "all"), all_rows(tmp_path / "few")
    assert few == {name: whole[name] for name in ("TENDER_LIST", "RECORDING")}


@pytest.mark.parametrize("name", ["p.zip", "p.tar.gz"])
def test_packing_twice_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    write_package(tmp_path / "package", SampleOptions())

    first = pack(tmp_path / "package", tmp_path / name).read_bytes()

    assert pack(tmp_path / "package", tmp_path / name).read_bytes() == first


@pytest.mark.parametrize(
    "wrong",
    [
        {"platform": "short"},
        {"projects": 0},
        {"format": "xlsx"},
        {"faults": 101.0},
        {"encoding": "gbk"},
        {"datasets": ("NO_SUCH",)},
        {"contract_version": "9.9.9"},
        {"faults": 1.0, "fault_names": ("no_such",)},
        {"batch_no": "x" * 65},
    ],
)
def test_wrong_options_are_refused_before_anything_is_written(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        write_package(tmp_path / "package", SampleOptions(**wrong))  # type: ignore[arg-type]

    assert not (tmp_path / "package").exists()
