"""A filled-in workbook comes back: answers are read, faults are told by row, harmful files are refused."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from exchange_hub.core.errors import UsageError
from feedback import answers
from feedback.answers import Answer, read_answers
from feedback.render import notice_xlsx

Make = Callable[..., Any]


@pytest.fixture
def filled(notice: Make, finding: Make, tmp_path: Path) -> Make:
    """A notice about rows 1, 2 and 3 (row 2 with two findings), filled in: {sheet row: (处理方式, 说明)}."""

    def make(cells: dict[int, tuple[Any, Any]], **changed: Any) -> Path:
        made = notice(
            finding(row=1), finding(row=2), finding(row=2, rule_id="VAL-009", field="CURRENCY"), finding(row=3)
        )
        book = openpyxl.load_workbook(io.BytesIO(notice_xlsx(made, {})))
        sheet = book["退回明细"]
        for row, (chosen, reason) in cells.items():
            sheet.cell(row, 15).value, sheet.cell(row, 16).value = chosen, reason
        for place, value in changed.items():
            sheet[place].value = value
        path = tmp_path / "answer.xlsx"
        book.save(path)
        return path

    return make


def test_answers_are_read_with_their_reasons(filled: Make) -> None:
    path = filled({2: ("数据属实", "经核对无误"), 5: ("提出异议", "编码规则不适用于本项目 ")})

    result = read_answers(path)

    assert result.notice_no == "FK-41010001-2026-000012"
    assert result.answers == (
        Answer(1, "confirmed_true", "经核对无误"),
        Answer(3, "objection", "编码规则不适用于本项目"),
    )
    assert result.errors == ()


def test_an_unanswered_workbook_has_no_answers(filled: Make) -> None:
    result = read_answers(filled({}))

    assert (result.answers, result.errors) == ((), ())


def test_rows_of_one_record_may_repeat_its_answer_but_not_contradict_it(filled: Make) -> None:
    same = read_answers(filled({3: ("撤回该记录", "重复报送"), 4: ("撤回该记录", "重复报送")}))
    other = read_answers(filled({3: ("撤回该记录", "重复报送"), 4: ("数据属实", "重复报送")}))

    assert same.answers == (Answer(2, "withdrawn", "重复报送"),)
    assert same.errors == ()
    assert [(error.row, error.message_zh) for error in other.errors] == [(4, "同一记录（序号 2）的答复不一致")]


@pytest.mark.parametrize(
    ("chosen", "reason", "fault"),
    [
        ("数据属实", None, "须填写说明"),
        (None, "忘了选", "填写了说明但未选择处理方式"),
        ("同意", "好的", "处理方式不在可选范围内"),
        ("数据属实", "=1+1", "单元格不得为公式"),
        ("无法更正", "很" * 2001, "说明超过 2000 字"),
    ],
)
def test_a_wrong_row_is_told_and_the_others_are_still_read(
    filled: Make, chosen: str | None, reason: str | None, fault: str
) -> None:
    result = read_answers(filled({2: (chosen, reason), 5: ("无法更正", "原系统已停用")}))

    assert [(error.sheet, error.row, error.message_zh) for error in result.errors] == [("退回明细", 2, fault)]
    assert result.answers == (Answer(3, "cannot_correct", "原系统已停用"),)


def test_a_changed_item_number_is_told(filled: Make) -> None:
    result = read_answers(filled({2: ("数据属实", "无误")}, A2="一"))

    assert result.answers == ()
    assert result.errors[0].message_zh == "序号缺失或被改动"


def test_an_item_number_that_a_program_made_a_number_still_counts(filled: Make) -> None:
    assert read_answers(filled({2: ("数据属实", "无误")}, A2=1.0)).answers[0].item_no == 1


def test_a_workbook_that_is_not_a_notice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(path)

    with pytest.raises(UsageError, match="has no sheet"):
        read_answers(path)


def test_a_sheet_without_the_answer_column_is_refused(filled: Make) -> None:
    with pytest.raises(UsageError, match="lacks a column"):
        read_answers(filled({}, O1="别的"))


def damaged(path: Path, member: str, change: Callable[[bytes], bytes]) -> Path:
    target = path.with_name("damaged.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            content = source.read(name)
            out.writestr(name, change(content) if name == member else content)
    return target


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: b'<!DOCTYPE x [<!ENTITY a "b">]>' + xml,
        lambda xml: xml.decode().encode("utf-16"),
        lambda xml: xml[: len(xml) // 2],
        lambda xml: b"",
        lambda xml: xml.replace(b"<sheetData>", b"<sheetData><row r='x'><c r='??' t='s'><v>99</v></c></row>"),
    ],
    ids=["doctype", "utf-16", "cut", "empty", "nonsense"],
)
def test_a_harmful_or_broken_workbook_is_refused_not_a_crash(filled: Make, change: Callable[[bytes], bytes]) -> None:
    path = damaged(filled({}), "xl/worksheets/sheet2.xml", change)

    with pytest.raises(UsageError) as caught:
        read_answers(path)

    assert caught.value.code == "BAD_ANSWER_FILE"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"no zip at all"])
def test_bytes_that_are_no_workbook_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)

    with pytest.raises(UsageError):
        read_answers(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read_answers(tmp_path / "none.xlsx")


@pytest.mark.parametrize("limit", ["MAX_BYTES", "MAX_UNPACKED_BYTES", "MAX_MEMBERS"])
def test_a_workbook_over_a_limit_is_refused(filled: Make, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    path = filled({})
    monkeypatch.setattr(answers, limit, 1)

    with pytest.raises(UsageError):
        read_answers(path)
