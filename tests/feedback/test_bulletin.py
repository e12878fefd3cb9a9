"""The bulletin's forms: rates told honestly, files that other programs read, pictures with gaps where nothing is."""

import json
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from exchange_hub.core.clock import SHANGHAI
from feedback.bulletin import COUNTS, KEYS, MEASURES, Bulletin, Line, Month, Ratio, total
from feedback.bulletin_reference import page
from feedback.render_bulletin import bulletin_document, bulletin_form
from feedback.trend_picture import spark_svg, trend_svg

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
ratios = st.integers(0, 10**9).flatmap(lambda d: st.builds(Ratio, st.integers(0, d), st.just(d)))


def month(number: int, ratio: Ratio, **counts: int) -> Month:
    return Month(date(2026, number, 1), dict.fromkeys(KEYS, ratio), {key: counts.get(key, 0) for key, _, _ in COUNTS})


def line(code: str, *months: Month, name: str = "南阳中心") -> Line:
    return Line(code, name, "411300", "2.0.0", months, {"SECTION": "标段"})


@pytest.fixture
def bulletin() -> Bulletin:
    months = (month(10, Ratio(0, 0)), month(11, Ratio(2, 3), received=1_234))
    other = (month(10, Ratio(0, 0)), month(11, Ratio(0, 0)))
    lines = (line("A", *months), line("B", *other, name="=1+1<script>alert(1)</script>"))
    return Bulletin(date(2026, 11, 1), datetime(2026, 12, 1, tzinfo=SHANGHAI), "行政区划 410000", (), lines)


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (Ratio(0, 0), "无数据"),
        (Ratio(0, 5), "0.0%"),
        (Ratio(5, 5), "100.0%"),
        (Ratio(9_999, 10_000), "99.9%"),
        (Ratio(1, 10_000), "<0.1%"),
        (Ratio(2, 3), "66.6%"),
    ],
)
def test_a_rate_says_all_or_nothing_only_of_all_or_nothing(ratio: Ratio, said: str) -> None:
    assert ratio.percent == said


@given(ratios)
def test_only_what_is_whole_reads_as_whole(ratio: Ratio) -> None:
    assert (ratio.percent == "100.0%") == (ratio.numerator == ratio.denominator > 0)
    assert (ratio.percent == "无数据") == (ratio.denominator == 0) == (ratio.value is None)


@pytest.mark.parametrize("numbers", [(2, 1), (-1, 1)])
def test_what_cannot_be_counted_is_refused(numbers: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="of"):
        Ratio(*numbers)


@given(st.lists(ratios, min_size=1, max_size=5))
def test_the_total_adds_numbers_not_rates(parts: list[Ratio]) -> None:
    (added,) = total((month(11, part, received=part.denominator),) for part in parts)

    wanted = Ratio(sum(part.numerator for part in parts), sum(part.denominator for part in parts))
    assert added.ratios["repair"] == wanted
    assert added.counts["received"] == wanted.denominator


def test_the_document_is_as_its_schema_says(bulletin: Bulletin) -> None:
    document = json.loads(bulletin_form(bulletin, "json"))

    schema = json.loads((REFERENCE / "bulletin.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(document)
    assert document["platforms"][1]["months"][-1]["measures"]["repair"] == {
        "numerator": 0, "denominator": 0, "value": None
    }  # fmt: skip
    assert [m["key"] for m in document["measures"]] == list(KEYS)


def test_the_workbook_holds_numbers_as_numbers_and_no_formula(bulletin: Bulletin) -> None:
    book = load_workbook(BytesIO(bulletin_form(bulletin, "xlsx")))

    sheet = book["通报"]
    assert [cell.value for cell in sheet[4]][4:7] == [2, 3, pytest.approx(2 / 3)]
    assert sheet["G4"].number_format == "0.0%"
    assert [cell.value for cell in sheet[5]][4:7] == [0, 0, "无数据"]
    assert [cell.value for cell in sheet[6]][4:7] == [2, 3, pytest.approx(2 / 3)]
    assert all(cell.data_type != "f" for row in sheet for cell in row)
    assert [row[0].value for row in book["趋势"]][1:] == ["2026-10", "2026-11"]
    assert len(book["趋势"]._charts) == 1
    assert [row[0].value for row in book["指标定义"]][1:] == [m.zh for m in MEASURES]


def test_the_page_stands_alone_and_says_what_each_measure_counts(bulletin: Bulletin) -> None:
    html = bulletin_form(bulletin, "html").decode()

    assert "<script>alert" not in html
    assert "http:" not in html
    assert "https:" not in html
    assert all(text in html for m in MEASURES for text in (m.zh, m.numerator_zh, m.denominator_zh))
    assert "2 / 3" in html
    assert "无数据" in html


def test_a_bulletin_of_no_platform_says_so() -> None:
    empty = Bulletin(date(2026, 11, 1), datetime(2026, 12, 1, tzinfo=SHANGHAI), "行政区划 990000", (), ())

    assert "所选范围内没有平台" in bulletin_form(empty, "html").decode()
    assert bulletin_document(empty)["total"] == []
    assert load_workbook(BytesIO(bulletin_form(empty, "xlsx")))["通报"].max_row == 3


def test_a_month_without_data_is_a_gap_in_the_line() -> None:
    half, nothing = Ratio(1, 2), Ratio(0, 0)
    months = [month(number, ratio) for number, ratio in enumerate((half, half, nothing, half, half, half), 1)]

    picture = ElementTree.fromstring(trend_svg(MEASURES[0], months))

    lines = [len(found.get("points", "").split()) for found in picture.iter("polyline")]
    assert lines == [2, 3]
    assert len(list(picture.iter("circle"))) == 5
    assert "无数据" in (picture.get("aria-label") or "")


@given(st.lists(ratios, min_size=1, max_size=24))
def test_every_point_lies_within_the_picture(values: list[Ratio]) -> None:
    for text in (trend_svg(MEASURES[0], [month(1, value) for value in values]), spark_svg(values)):
        if not text:
            continue
        picture = ElementTree.fromstring(text)
        width, height = map(float, picture.get("viewBox", "").split()[2:])
        for circle in picture.iter("circle"):
            assert 0 <= float(circle.get("cx", "-1")) <= width
            assert 0 <= float(circle.get("cy", "-1")) <= height


def test_the_reference_page_is_up_to_date() -> None:
    assert (REFERENCE / "bulletin.zh.md").read_text("utf-8") == page()
