"""A check's workbook, corrected, becomes a package that passes; nothing masked leaks, nothing sent is lost."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import UsageError
from exchange_hub.core.settings import Settings
from exchange_hub.flows.check import Targets, check_package, write_report_files
from exchange_hub.flows.recorrect import Corrected, Wish, correct_workbook
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from feedback.wording import ACROSS_ZH
from ingest.manifest import parse_manifest
from ingest.pack import pack
from ingest.readers import csv, jsonl
from ingest.readers.spec import FileSpec

NOW = datetime(2026, 11, 24, 10, tzinfo=SHANGHAI)
SOME = ("TENDER_LIST", "BIDDER_MARGIN_INFO", "WIN_RESULT_ANNO")
FAULTY = SampleOptions(projects=3, seed=3, faults=20, format="csv", datasets=SOME)
EXPERT = "BID_EVALUATION_EXPERT"
FIELDS_FROM = 5  # columns before the fields
Cells = Callable[[Any, dict[str, int]], None]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a faulty package, the same without faults, and the workbook of the check."""
    folder = tmp_path_factory.mktemp("checked")
    write_package(folder / "package", FAULTY)
    (folder / "package" / "faults.json").rename(folder / "faults.json")
    write_package(folder / "right", SampleOptions(projects=3, seed=3, format="csv", datasets=SOME))
    _check(folder / "package", folder / "report.xlsx")
    return folder


def _check(package: Path, workbook: Path) -> None:
    write_report_files(check_package(package, NOW, Settings()), NOW, Targets(xlsx=workbook))


def _edit(source: Path, target: Path, change: Cells, sheet: str | None = None) -> Path:
    """A copy of a workbook, its sheets of records changed."""
    book = openpyxl.load_workbook(source)
    for name in [sheet] if sheet else [one for one in book.sheetnames[3:] if one not in ("_hub", ACROSS_ZH)]:
        columns = {cell.value: cell.column for cell in book[name][1]}
        change(book[name], columns)
    book.save(target)
    return target


def _put_right(checked: Path) -> Cells:
    """Type what the generator says is right into every faulty row."""
    book = json.loads((checked / "faults.json").read_text("utf-8"))["faults"]
    keys = {(entry["file"], str(entry["row"])): entry["original_key"] for entry in book}
    right: dict[str, Mapping[str, str | None]] = {}
    for path in (checked / "right" / "data").glob("*.csv"):
        for frame in csv.read(path, FileSpec(path.name, path.stem)):
            right |= {str(row["DATA_KEY"]): row for row in frame.iter_rows(named=True)}

    def change(sheet: Any, columns: dict[str, int]) -> None:
        for row in sheet.iter_rows(min_row=4):
            if (row[0].value, row[1].value) not in keys:
                continue  # right itself, and only asked about because another record contradicts it
            record = right[keys[row[0].value, row[1].value]]
            for name, column in columns.items():
                if column >= FIELDS_FROM:
                    sheet.cell(row[0].row, column).value = record.get(name)
            if sheet.title + row[1].value in doubled:
                row[3].value = "是"

    doubled = {e["dataset"] + str(e["row"]) for e in book if e["fault"] == "duplicate_key"}
    return change


def _correct(workbook: Path, target: Path, original: Path | None = None, **wish: Any) -> Corrected:
    return correct_workbook(workbook, original, target, NOW, Settings(), Wish(**wish))


@pytest.mark.parametrize("whole", [False, True])
def test_a_corrected_workbook_becomes_a_package_that_passes(checked: Path, tmp_path: Path, whole: bool) -> None:
    edited = _edit(checked / "report.xlsx", tmp_path / "edited.xlsx", _put_right(checked))

    made = _correct(edited, tmp_path / "new.zip", checked / "package", whole=whole, corrects=("FK-1",))

    report = check_package(tmp_path / "new.zip", NOW, Settings()).report
    received = check_package(checked / "package", NOW, Settings()).report.counts.received
    assert report.counts.rejected == 0
    assert report.findings == ()
    assert report.counts.received == made.written == (received - made.skipped if whole else made.changed)
    assert made.changed >= 10
    with zipfile.ZipFile(tmp_path / "new.zip") as archive:
        manifest = parse_manifest(archive.read("manifest.json"), archive.namelist())
    assert manifest.corrects == ("FK-1",)
    assert manifest.batch_no == made.batch_no != FAULTY.batch


def test_the_same_correction_has_the_same_number(checked: Path, tmp_path: Path) -> None:
    edited = _edit(checked / "report.xlsx", tmp_path / "edited.xlsx", _put_right(checked))

    numbers = {_correct(edited, tmp_path / name, checked / "package").batch_no for name in ("a.zip", "b.tar.gz", "c")}

    assert len(numbers) == 1


def _with_wrong_experts(folder: Path) -> tuple[Path, list[str]]:
    """A package whose experts' names are placeholders, and their identity numbers."""
    write_package(folder / "package", SampleOptions(projects=1, seed=4, format="csv", datasets=(EXPERT,)))
    path = folder / "package" / "data" / f"{EXPERT}.csv"
    rows = [row for frame in csv.read(path, FileSpec(path.name, EXPERT)) for row in frame.iter_rows(named=True)]
    text = path.read_text("utf-8")
    for row in rows:
        text = text.replace(str(row["EXPERT_NAME"]), "测试")
    path.write_text(text, "utf-8", newline="")
    manifest = json.loads((folder / "package" / "manifest.json").read_text("utf-8"))

    manifest["files"][0]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "package" / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder / "package", [str(row["ID_CARD"]) for row in rows]


def _name(name: str) -> Cells:
    def change(sheet: Any, columns: dict[str, int]) -> None:
        for row in range(4, sheet.max_row + 1):
            sheet.cell(row, columns["EXPERT_NAME"]).value = f"{name}{row}"

    return change


def test_personal_numbers_are_masked_in_the_workbook_and_whole_in_the_package(tmp_path: Path) -> None:
    package, numbers = _with_wrong_experts(tmp_path)
    _check(package, tmp_path / "report.xlsx")
    with zipfile.ZipFile(tmp_path / "report.xlsx") as parts:
        text = "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())

    _edit(tmp_path / "report.xlsx", tmp_path / "edited.xlsx", _name("王某"), EXPERT)
    _correct(tmp_path / "edited.xlsx", tmp_path / "new")

    sent = jsonl.read(tmp_path / "new" / "data" / f"{EXPERT}.jsonl", FileSpec("x", EXPERT))
    assert not any(number in text for number in numbers)
    assert [row["ID_CARD"] for frame in sent for row in frame.iter_rows(named=True)] == numbers


def _half_mask(sheet: Any, columns: dict[str, int]) -> None:
    sheet.cell(4, columns["ID_CARD"]).value = "4" + str(sheet.cell(4, columns["ID_CARD"]).value)


def _other_row(sheet: Any, columns: dict[str, int]) -> None:
    sheet.cell(4, columns["原行号"]).value = "999"


def _twice(sheet: Any, columns: dict[str, int]) -> None:
    sheet.cell(5, columns["原行号"]).value = sheet.cell(4, columns["原行号"]).value


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (_half_mask, "WRONG_ROW", "要改请填完整值"),
        (_other_row, "WRONG_ROW", "对不上原数据包"),
        (_twice, "WRONG_ROW", "出现两次"),
        (lambda sheet, columns: None, "NOTHING_CORRECTED", "没有任何改动"),
    ],
)
def test_a_workbook_that_cannot_be_used_is_told_why_and_nothing_is_written(
    tmp_path: Path, change: Cells, code: str, words: str
) -> None:
    package, _ = _with_wrong_experts(tmp_path)
    _check(package, tmp_path / "report.xlsx")
    _edit(tmp_path / "report.xlsx", tmp_path / "edited.xlsx", change, EXPERT)

    with pytest.raises(UsageError) as caught:
        _correct(tmp_path / "edited.xlsx", tmp_path / "new.zip")

    assert caught.value.code == code
    assert words in caught.value.message_zh
    assert not (tmp_path / "new.zip").exists()


def test_the_wrong_files_are_told(checked: Path, tmp_path: Path) -> None:
    other = openpyxl.Workbook()
    other.save(tmp_path / "other.xlsx")
    (tmp_path / "taken.zip").write_bytes(b"")
    (tmp_path / "no.xlsx").write_bytes(b"PK")
    report = checked / "report.xlsx"
    cases = (
        (tmp_path / "other.xlsx", "n.zip", None, "NO_CORRECTION_WORKBOOK"),
        (tmp_path / "missing.xlsx", "n.zip", None, "NO_SUCH_FILE"),
        (tmp_path / "no.xlsx", "n.zip", None, "BROKEN_XLSX"),
        (report, "n.zip", checked / "right", "ANOTHER_PACKAGE"),
        (report, "n.zip", tmp_path / "gone.zip", "NO_ORIGINAL"),
        (report, "taken.zip", checked / "package", "TARGET_EXISTS"),
    )
    for workbook, target, original, code in cases:
        with pytest.raises(UsageError) as caught:
            _correct(workbook, tmp_path / target, original)
        assert caught.value.code == code


def test_attachments_go_along_with_a_corrected_record(tmp_path: Path) -> None:
    folder = tmp_path / "package"
    write_package(folder, SampleOptions(projects=1, seed=4, format="xml", datasets=("PROJECT",)))
    path = folder / "data" / "PROJECT.xml"
    source = (
        "<SOURCE><FILE_EN_NAME>A</FILE_EN_NAME><FILE_NAME>批复</FILE_NAME>"
        "<BINARY_CONTENT>attachments/a.pdf</BINARY_CONTENT></SOURCE>"
    )
    text = path.read_text("utf-8").replace("</RECORD>", f"{source}</RECORD>")
    path.write_text(text.replace("<PROJECT_NAME>", "<PROJECT_NAME>\u3000"), "utf-8")
    (folder / "attachments").mkdir()
    (folder / "attachments" / "a.pdf").write_bytes(b"%PDF-1.7")

    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"][0]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    pack(folder, tmp_path / "sent.zip")
    _check(tmp_path / "sent.zip", tmp_path / "report.xlsx")

    def rename(sheet: Any, columns: dict[str, int]) -> None:
        sheet.cell(4, columns["PROJECT_NAME"]).value = "某某大桥工程 <一期> & 二期"

    _edit(tmp_path / "report.xlsx", tmp_path / "edited.xlsx", rename, "PROJECT")
    _correct(tmp_path / "edited.xlsx", tmp_path / "new.zip", tmp_path / "sent.zip")

    report = check_package(tmp_path / "new.zip", NOW, Settings()).report
    with zipfile.ZipFile(tmp_path / "new.zip") as archive:
        assert "attachments/a.pdf" in archive.namelist()
        assert "某某大桥工程 &lt;一期&gt; &amp; 二期" in archive.read("data/PROJECT.xml").decode()
    assert report.counts.accepted == 1
