"""Packages too large for memory: read onto disk, validated chunk by chunk, with the same report."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.correctable import Correctable
from exchange_hub.core.settings import Settings
from exchange_hub.flows.check import Checked, check_data_file, check_package
from exchange_hub.flows.context import Hub
from exchange_hub.flows.correctable import correctable
from exchange_hub.flows.ingest import ingest
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package

NANYANG = "12411300MA3DEM035H"
NOW = datetime(2026, 11, 24, 10, tzinfo=SHANGHAI)


@pytest.fixture
def in_chunks(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A call from which on every package is a large one, cut into chunks of seven records."""

    def begin() -> None:
        monkeypatch.setattr("exchange_hub.flows.reading.IN_MEMORY_RECORDS", 0)
        monkeypatch.setattr("ingest.spool.CHUNK_RECORDS", 7)
        monkeypatch.setattr("ingest.readers.csv.CHUNK", 5)
        monkeypatch.setattr("ingest.readers.columns.CHUNK", 5)

    return begin


def sheets_of(checked: Checked) -> Correctable:
    """The workbook that a centre corrects in."""
    source, validation = checked.source, checked.validation
    assert source is not None
    assert validation is not None
    return correctable("p", source.content_digest, source.read.frames, source.read.release, validation.findings)


@pytest.mark.parametrize("form", ["xml", "csv"])
@pytest.mark.parametrize("closed", [False, True])
def test_check_of_a_large_package_says_the_same(
    in_chunks: Callable[[], None], tmp_path: Path, form: str, closed: bool
) -> None:
    write_package(tmp_path / "p", SampleOptions(NANYANG, 4, 7, form, faults=30.0))
    settings = Settings()
    at_once = check_package(tmp_path / "p", NOW, settings, closed=closed)

    in_chunks()
    made = check_package(tmp_path / "p", NOW, settings, closed=closed)

    assert at_once.validation is not None
    assert made.validation is not None
    assert at_once.report.counts.rejected
    assert at_once.report.counts.held
    assert made.report == at_once.report
    assert made.validation.findings.equals(at_once.validation.findings)
    assert sheets_of(made) == sheets_of(at_once)


def test_a_record_count_that_is_wrong_refuses_a_large_package_too(
    in_chunks: Callable[[], None], tmp_path: Path
) -> None:
    write_package(tmp_path / "p", SampleOptions(NANYANG, 2, 7, "csv"))
    manifest = tmp_path / "p" / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"records": 2,', '"records": 1,', 1), "utf-8")

    in_chunks()
    report = check_package(tmp_path / "p", NOW, Settings()).report

    assert report.refusal is not None
    assert report.refusal.code == "RECORD_COUNT_MISMATCH"


def test_bare_file_in_chunks_finds_what_two_chunks_say_of_each_other(
    in_chunks: Callable[[], None], tmp_path: Path
) -> None:
    keys = [f"DNY0{n:018d}" for n in range(1, 30)]
    lines = [f"{key},1,名称{number}" for number, key in enumerate([*keys, keys[0]])]
    path = tmp_path / "PROJECT.csv"
    path.write_text("\n".join(["DATA_KEY,DATA_TYPE,PROJECT_NAME", *lines]), "utf-8")

    in_chunks()
    checked = check_data_file(path, "PROJECT", "2.0.0", NOW, Settings())

    assert checked.validation is not None
    twice = checked.validation.findings.filter(checked.validation.findings["data_key"] == keys[0])
    assert twice.filter(twice["rule_id"] == "REF-003")["row"].to_list() == [1, 30]


def test_ingest_of_a_large_package_says_and_stores_the_same(
    in_chunks: Callable[[], None], new_hub: Callable[[], Hub], tmp_path: Path
) -> None:
    write_package(tmp_path / "p", SampleOptions(NANYANG, 2, 7, "xml", faults=20.0))
    at_once = ingest(new_hub(), tmp_path / "p", NOW, channel="test", sender=NANYANG)

    in_chunks()
    made = ingest(new_hub(), tmp_path / "p", NOW, channel="test", sender=NANYANG)

    assert at_once["counts"]["rejected"]
    assert made == at_once
