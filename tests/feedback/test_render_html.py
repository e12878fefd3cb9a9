"""The HTML letter: what it says, and that values from outside stay text."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.notices import Notice
from exchange_hub.core.records import Counts, Finding, RefusalInfo, Report, Verdict
from feedback.calendar import published_calendar
from feedback.notice import delivered
from feedback.render_html import LISTED, UNFOLDED, notice_html, report_html
from feedback.wording import visible
from feedback.working_days import deadline

Make = Callable[..., Any]
Labels = dict[tuple[str, str], str]
NOW = datetime(2026, 11, 24, 10, 15, tzinfo=SHANGHAI)


def text_of(page: str) -> str:
    """The page as a reader sees it, spaces folded."""
    body = re.sub(r"<(script|style)>.*?</\1>", "", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body))


def test_the_letter_names_number_addressee_law_and_counts(notice: Make, labels: Labels) -> None:
    text = text_of(notice_html(notice(), labels))

    for part in (
        "FK-41010001-2026-000012", "郑州示范交易中心（91410100MA00000000）", "豫公管办〔2018〕28号", "第十条",
        "共 10 条记录", "接收 9 条", "退回 1 条", "2026年11月24日 10:15（北京时间）",
    ):  # fmt: skip
        assert part in text


def test_the_letter_shows_deadline_weekday_and_the_five_counted_days(notice: Make, labels: Labels) -> None:
    text = text_of(notice_html(notice(), labels))

    assert "2026年12月1日（星期二）24:00" in text
    for day in ("11月25日 周三", "11月26日 周四", "11月27日 周五", "11月30日 周一", "12月1日 周二"):
        assert day in text
    assert "实际以送达回执为准" in text
    assert "暂定" not in text


def test_a_proved_receipt_replaces_the_expected_one(notice: Make, labels: Labels) -> None:
    due = deadline(NOW.replace(day=27), "sftp://host/inbox/notice.html", published_calendar())

    text = text_of(notice_html(delivered(notice(), due), labels))

    assert "2026年12月4日（星期五）24:00" in text
    assert "sftp://host/inbox/notice.html" in text
    assert "实际以送达回执为准" not in text


def test_a_provisional_deadline_is_marked(notice: Make, labels: Labels) -> None:
    text = text_of(notice_html(notice(issued_at=NOW.replace(month=12, day=28)), labels))

    assert "暂定 provisional" in text
    assert "2027年1月5日（星期二）24:00" in text


def test_each_finding_shows_place_field_value_fault_and_remedy(notice: Make, labels: Labels) -> None:
    text = text_of(notice_html(notice(), labels))

    for part in (
        "data/SECTION.csv第 1 条", "SAMPLE0000000000000001", "标段（包）编号BID_SECTION_CODE", "A41",
        "标段编号不符合编码规则", "not a section code", "23 位标段编号", "标段（包） SECTION",
    ):  # fmt: skip
        assert part in text.replace("data/SECTION.csv 第", "data/SECTION.csv第")


def test_the_letter_tells_how_to_answer(notice: Make, refused: Notice, labels: Labels) -> None:
    for made in (notice(), refused):
        assert f'"corrects": ["{made.notice_no}"]' in text_of(notice_html(made, labels)).replace("&#34;", '"')
    assert "FK-41010001-2026-000012.xlsx" in notice_html(notice(), labels)


def test_a_refused_batch_gets_cause_and_place(refused: Notice, labels: Labels) -> None:
    text = text_of(notice_html(refused, labels))

    for part in ("整包拒收", "文件校验值不符", "the hash of a file differs", "BAD_HASH", "data/SECTION.csv"):
        assert part in text


def test_rules_are_grouped_with_rejects_first_and_the_most_frequent_on_top(notice: Make, finding: Make) -> None:
    page = notice_html(
        notice(
            finding(row=1, rule_id="PRS-001"),
            finding(row=2, rule_id="VAL-009"),
            finding(row=3, rule_id="VAL-009"),
            finding(row=3, rule_id="AMT-001", severity="query"),
        ),
        {},
    )

    assert re.findall(r'<section id="([^"]+)"', page) == ["VAL-009-reject", "PRS-001-reject", "AMT-001-query"]


def test_a_long_list_is_cut_and_says_where_the_rest_is(notice: Make, finding: Make) -> None:
    page = notice_html(notice(*(finding(row=row) for row in range(1, LISTED + 301))), {})

    assert page.count('data-name="报送值"') == LISTED
    assert "1,300 条，此处列出前 1,000 条，全部明细见随附的 XLSX、CSV 和 JSON 文件" in page


def test_the_page_loads_nothing_and_runs_only_its_own_script(notice: Make, labels: Labels) -> None:
    page = notice_html(notice(), labels)

    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert policy.group(1).startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
    assert "unsafe" not in policy.group(1)
    assert not re.search(r"(src|href)=\"(?!#)", page)
    assert "style=" not in page.replace("viewport", "")


EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


def test_values_never_become_markup(notice: Make, finding: Make) -> None:
    made = notice(
        finding(
            value=EVIL, message_zh=EVIL, message_en=EVIL, expected_zh=EVIL, field=EVIL, data_key=EVIL,
            file=EVIL, rule_id=EVIL, dimension=EVIL, dataset=EVIL,
        ),
        label=EVIL,
        reminders=(EVIL,),
    )  # fmt: skip

    page = notice_html(made, {(EVIL, ""): EVIL, (EVIL, EVIL): EVIL})

    assert page.count("<script>") == 1
    assert "<img" not in page
    assert "&lt;script&gt;" in page


@given(st.text(max_size=40))
def test_no_text_adds_an_element_to_a_report(text: str) -> None:
    finding = Finding("SECTION", text, 1, text, text, "VAL-001", 1, "reject", "accuracy", text, text, text, text)
    plain = Finding("SECTION", "a", 1, "a", "a", "VAL-001", 1, "reject", "accuracy", "a", "a", "a", "a")

    def elements(*findings: Finding) -> int:
        report = Report("P", "B", "2.0.0", Verdict.REJECTED, Counts(1, 0, 1), findings=findings, findings_total=1)
        page = report_html(report, {}, NOW)
        return len(re.findall(r"<(?:script|img|a|svg|iframe|style|link|form)\b", page))

    assert elements(finding) == elements(plain)


def test_characters_that_cannot_be_seen_are_named(notice: Make, finding: Make) -> None:
    page = notice_html(notice(finding(value="道\u202e路\x07\u200b")), {})

    assert "道‹U+202E›路‹U+0007›‹U+200B›" in page
    assert "\u202e" not in page


@pytest.mark.parametrize(("text", "limit", "shown"), [(None, 5, ""), ("abc", 3, "abc"), ("abcd", 3, "abc…")])
def test_long_values_are_cut(text: str | None, limit: int, shown: str) -> None:
    assert visible(text, limit) == shown


def test_a_report_shows_verdict_datasets_and_true_counts_of_a_capped_list(labels: Labels) -> None:
    finding = Finding(
        "SECTION", "data/SECTION.csv", 1, "K", "BID_SECTION_CODE", "IDN-003", 1, "reject", "accuracy",
        "A41", "标段编号有误", "wrong", "23 位",
    )  # fmt: skip
    report = Report(
        "91410100MA00000000", "B-1", "2.0.0", Verdict.PARTIALLY_ACCEPTED, Counts(30_000, 10_000, 20_000),
        None, (("SECTION", Counts(30_000, 10_000, 20_000)),), (("IDN-003", "reject", 20_000),), (finding,), 20_000,
    )  # fmt: skip

    text = text_of(report_html(report, labels, NOW))

    assert "部分接收 partially accepted" in text
    assert "标段（包）SECTION30,00010,00020,000" in text.replace("> <", "><").replace(" SECTION", "SECTION")
    assert "20,000 条，此处列出前 1 条" in text


def test_a_refused_report_names_cause_and_place() -> None:
    refusal = RefusalInfo("NO_MANIFEST", "缺少 manifest.json", "manifest.json is missing", "manifest.json")
    report = Report("", "", "", Verdict.REFUSED, Counts(), refusal)

    text = text_of(report_html(report, {}, NOW))

    assert "整包拒收 refused" in text
    assert "缺少 manifest.json" in text


def test_a_clean_report_says_so() -> None:
    report = Report("P", "B", "2.0.0", Verdict.ACCEPTED, Counts(5, 5))

    assert "未发现问题" in report_html(report, {}, NOW)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (Counts(5, 5), "未发现问题：5 条记录全部可以归集。"),
        (
            Counts(5, 2, 2, 1, 1),
            "2 条记录不合规范，将被退回，须更正；1 条记录因上级记录未到或被退回而挂起；1 条记录可以归集",
        ),
    ],
)
def test_the_first_thing_a_report_says_is_what_it_means(counts: Counts, said: str) -> None:
    report = Report("p", "b", "2.0.0", counts.verdict(), counts)

    assert said in report_html(report, {}, NOW)


@pytest.mark.parametrize(("findings", "folded"), [(UNFOLDED, False), (UNFOLDED + 1, True)])
def test_the_rows_of_many_findings_are_folded(finding: Make, findings: int, folded: bool) -> None:
    found = tuple(Finding(**finding(row=number)) for number in range(findings))
    counts = Counts(findings, 0, findings)
    report = Report("p", "b", "2.0.0", counts.verdict(), counts, findings=found, findings_total=findings)

    assert ("<details" in report_html(report, {}, NOW)) is folded
