"""CSV and PDF of a notice: nothing of what was sent becomes a formula or markup, and every finding is there."""

import csv
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_hub.core.notices import Notice
from feedback.formulas import harmless
from feedback.render import notice_form
from feedback.wording import example_key

Make = Callable[..., Any]


def rows(notice: Notice, labels: dict[tuple[str, str], str]) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(notice_form(notice, labels, "csv").decode("utf-8-sig"))))


def test_the_csv_holds_every_finding_and_an_example_of_a_good_value(
    notice: Make, finding: Make, labels: dict[tuple[str, str], str]
) -> None:
    known = labels | {example_key("SECTION", "BID_SECTION_CODE"): "E4101000001000001001001"}

    found = rows(notice(*(finding(row=row) for row in range(1, 1501))), known)

    assert len(found) == 1500
    assert found[0]["字段"] == "标段（包）编号 BID_SECTION_CODE"
    assert found[0]["示例"] == "E4101000001000001001001"
    assert found[0]["状态"] == "待核查"


def test_an_example_that_the_finding_names_already_is_not_repeated(notice: Make, finding: Make) -> None:
    known = {example_key("SECTION", "BID_SECTION_CODE"): "E41"}

    [row] = rows(notice(finding(expected_zh="如 E41")), known)

    assert row["示例"] == ""


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1+1", "-A1", "@SUM(A1)", "＝1"])
def test_no_value_becomes_a_formula_in_the_csv(notice: Make, finding: Make, value: str) -> None:
    [row] = rows(notice(finding(value=value)), {})

    assert row["报送值（已掩码）"] == f"'{value}"


@given(st.text())
def test_no_text_starts_as_a_formula_once_made_harmless(text: str) -> None:
    [cell] = harmless([text])

    assert not cell.startswith(("=", "+", "@", "\t", "\r"))
    assert not cell.startswith("-") or float(cell) <= 0


@pytest.mark.parametrize("number", ["-1", "-12.50"])
def test_a_negative_number_stays_what_it_is(number: str) -> None:
    assert harmless([number]) == [number]


def test_the_pdf_is_a_letter_with_chinese_type_embedded(notice: Make, finding: Make) -> None:
    content = notice_form(notice(finding(value="<b>&=1")), {}, "pdf")

    assert content.startswith(b"%PDF-")
    assert b"NotoSansSC" in content
    assert b"NotoSerifSC" in content
    assert content == notice_form(notice(finding(value="<b>&=1")), {}, "pdf")


def test_a_refused_package_has_its_pdf_too(refused: Notice) -> None:
    assert notice_form(refused, {}, "pdf").startswith(b"%PDF-")
