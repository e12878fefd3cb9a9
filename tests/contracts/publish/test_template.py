"""The XLSX template: layout agreed with the reader, text cells, drop-downs that lead to the codes."""

from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from contracts.model import Release
from contracts.publish.workbook import FIRST_ROW, sheet_name


@pytest.fixture(scope="module")
def template(site: Path) -> Workbook:
    return load_workbook(site / "files" / "SECTION.xlsx")


def test_rows_are_names_chinese_names_hints_then_data(template: Workbook, release: Release) -> None:
    contract = release.datasets["SECTION"]
    sheet = template["SECTION"]

    names, labels, hints = ([cell.value for cell in row] for row in sheet.iter_rows(1, 3))

    assert names == ["DATA_KEY", "DATA_TYPE", *contract.field_names]
    assert labels[2:] == [field.label_zh for field in contract.fields]
    assert all(hint.startswith(("必填", "选填", "22位", "1 新增")) for hint in hints)
    assert sheet.max_row == FIRST_ROW - 1


def test_every_column_is_text_so_that_codes_keep_their_zeros(template: Workbook) -> None:
    sheet = template["SECTION"]

    assert {sheet.column_dimensions[letter].number_format for letter in sheet.column_dimensions} == {"@"}


def test_a_code_list_is_a_drop_down_over_its_codes(template: Workbook, release: Release) -> None:
    sheet = template["SECTION"]
    column = ["DATA_KEY", "DATA_TYPE", *release.datasets["SECTION"].field_names].index("PRICE_UNIT") + 1
    cell = sheet.cell(FIRST_ROW, column).coordinate

    [choice] = [v for v in sheet.data_validations.dataValidation if cell in v.sqref]
    name, cells = choice.formula1.split("!")
    codes = [row[0].value for row in template[name.strip("'")][cells.replace("$", "")]]

    assert codes == [code.code for code in release.code_lists["PRICE_UNIT"].codes]
    assert choice.errorStyle in (None, "stop")


def test_where_other_values_are_only_queried_the_sheet_warns_and_lets_through(
    template: Workbook, release: Release
) -> None:
    sheet = template["SECTION"]
    partial = {
        field.name
        for field in release.datasets["SECTION"].fields
        if field.code_list and release.code_lists[field.code_list].state == "partial"
    }
    names = ["DATA_KEY", "DATA_TYPE", *release.datasets["SECTION"].field_names]

    for name in partial:
        cell = sheet.cell(FIRST_ROW, names.index(name) + 1).coordinate
        [choice] = [v for v in sheet.data_validations.dataValidation if cell in v.sqref]
        assert choice.errorStyle == "warning"
    assert partial


@pytest.mark.parametrize(
    ("dataset", "name"), [("SECTION", "SECTION"), ("A" * 40, "A" * 31), ("TENDER_ANN_QUA_INQUERY_ANN",) * 2]
)
def test_a_sheet_name_fits_excel(dataset: str, name: str) -> None:
    assert sheet_name(dataset) == name
