"""The spec's site in a real Chromium, opened from the disk, without a network, on a laptop's and a phone's screen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

LAPTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
PAGES = ("index.html", "dataset/SECTION.html", "codelists/EXCEPTION_TYPE.html", "rules.html", "changes.html")


@pytest.fixture
def opened(chromium: Any, site: Path) -> Iterator[Any]:
    """The index of the site, from its file; offline, and what the console says is a failure."""
    complaints: list[str] = []
    context = chromium.new_context(viewport=LAPTOP, locale="zh-CN", offline=True)
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((site / "index.html").as_uri())
    yield page
    context.close()
    assert complaints == []


def test_a_field_is_found_by_its_chinese_name_without_the_part_in_brackets_and_opened_by_keyboard(opened: Any) -> None:
    opened.keyboard.press("/")
    opened.keyboard.type("标段编号")
    hits = opened.locator("#hits li[role=option]")
    hits.first.wait_for()
    said = hits.first.inner_text()

    opened.keyboard.press("Enter")
    opened.wait_for_url("**/dataset/*.html*")

    assert "标段（包）编号" in said
    assert opened.url.startswith("file://")
    assert opened.locator("tr:target").inner_text().startswith("标段（包）编号")


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("tender_abnormity_report", "dataset/TENDER_ABNORMITY_REPORT.html"),
        ("EXCEPTION_TYPE", "codelists/EXCEPTION_TYPE.html"),
        ("IDN-005", "rules.html#IDN-005"),
        ("异常类型 tender_abnormity", "dataset/TENDER_ABNORMITY_REPORT.html#EXCEPITON_TYPE"),
    ],
)
def test_search_leads_from_any_page_to_what_was_asked_for(opened: Any, site: Path, words: str, address: str) -> None:
    opened.goto((site / "dataset" / "PROJECT.html").as_uri())

    opened.fill("#search", words)
    opened.locator("#hits a").first.click()
    opened.wait_for_url(f"**/{address}*")

    assert opened.locator("main h1").is_visible()


def test_what_is_not_there_is_said(opened: Any) -> None:
    opened.fill("#search", "没有这样的字段")

    assert opened.locator("#hits").inner_text().startswith("没有找到")


def test_one_language_can_be_chosen_and_the_list_narrowed(opened: Any) -> None:
    rows = opened.locator("table.datasets tbody tr")
    every = rows.count()

    opened.fill("#filter", "中标候选人")
    opened.click("#language")

    assert 0 < opened.locator("table.datasets tbody tr:visible").count() < every
    assert "Datasets" not in opened.locator("nav").inner_text()


@pytest.mark.parametrize("screen", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_every_kind_of_page_fits_the_screen(opened: Any, site: Path, screen: dict[str, int], tmp_path: Path) -> None:
    opened.set_viewport_size(screen)
    wide = []

    for name in PAGES:
        opened.goto((site / name).as_uri())
        opened.screenshot(path=tmp_path / f"{name.replace('/', '-')}.png")
        if opened.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(name)

    assert wide == []
