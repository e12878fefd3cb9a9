"""The bulletin in the portal: an office sees the centres within its reach, a centre itself and nobody else."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from exchange_hub.core.clock import iso, system_now

pytestmark = pytest.mark.stack

NANYANG, LUOYANG = "12411300MA3DEM035H", "12410300MA3DEM027A"
Visit = Callable[..., httpx.Client]
THIS_MONTH = f"{system_now():%Y-%m}"


def platforms(client: httpx.Client, **asked: str) -> list[str]:
    document = client.get("/bulletin.json", params={"month": THIS_MONTH, **asked}).json()
    return [line["platform_code"] for line in document["platforms"]]


def test_a_centre_sees_its_own_line_and_nothing_of_others(visit: Visit) -> None:
    centre = visit(platform_code=LUOYANG)

    page = centre.get("/bulletin").text

    assert platforms(centre) == [LUOYANG]
    assert platforms(centre, region="4113") == [LUOYANG]  # a wish does not widen the reach
    assert "洛阳市公共资源交易中心" in page
    assert "南阳市公共资源交易中心" not in page
    assert "合计" not in page


def test_an_office_sees_its_region_and_may_narrow_it(visit: Visit) -> None:
    province, city = visit("office", region="410000"), visit("office", region="411300")

    assert {NANYANG, LUOYANG} <= set(platforms(province))
    assert platforms(province, region="410300") == [LUOYANG]
    assert platforms(city) == [NANYANG]
    assert platforms(city, region="410300") == []


def test_files_come_in_three_forms_and_the_same_again(visit: Visit, faulty: Callable[..., dict[str, Any]]) -> None:
    faulty("bulletin-1")
    office, asked = visit("office"), {"month": THIS_MONTH, "as_of": iso(system_now() + timedelta(seconds=1))}
    time.sleep(1.1)  # the cut-off passes
    first = office.get("/bulletin.json", params=asked)

    faulty("bulletin-2")

    assert office.get("/bulletin.json", params=asked).content == first.content
    total = json.loads(first.content)["total"][-1]
    assert total["counts"]["received"] == sum(total["counts"][key] for key in ("accepted", "rejected", "held")) > 0
    assert load_workbook(BytesIO(office.get("/bulletin.xlsx", params=asked).content)).sheetnames[0] == "通报"
    html = office.get("/bulletin.html", params=asked)
    assert html.headers["content-disposition"] == f'attachment; filename="bulletin-{THIS_MONTH}.html"'
    assert office.get("/bulletin.pdf").status_code == 404


@pytest.mark.parametrize("asked", [{"month": "2026-13"}, {"as_of": "yesterday"}, {"month": "2098-01"}])
def test_what_cannot_be_answered_is_said(visit: Visit, asked: dict[str, str]) -> None:
    answer = visit("office").get("/bulletin", params=asked)

    assert answer.status_code == 422


def test_nobody_sees_it_without_signing_in(portal_url: str) -> None:
    for path in ("/bulletin", "/bulletin.json", "/bulletin.xlsx"):
        answer = httpx.get(portal_url + path, trust_env=False)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")


SCREENS = ({"width": 1366, "height": 768}, {"width": 390, "height": 844})


@pytest.fixture
def office_page(chromium: Any, portal_url: str, visit: Visit) -> Iterator[Callable[[dict[str, int]], Any]]:
    """A function that opens an office's window of that size; what the console says is a failure."""
    complaints: list[str] = []
    contexts = []

    def make(screen: dict[str, int]) -> Any:
        session = visit("office")
        context = chromium.new_context(viewport=screen, locale="zh-CN", base_url=portal_url)
        contexts.append(context)
        context.add_cookies([{"name": c.name, "value": c.value, "url": portal_url} for c in session.cookies.jar])
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("screen", SCREENS, ids=["laptop", "phone"])
def test_the_page_fits_the_screen_and_its_pictures_are_drawn(
    office_page: Callable[[dict[str, int]], Any], faulty: Callable[..., dict[str, Any]], screen: dict[str, int]
) -> None:
    faulty(f"bulletin-{screen['width']}")
    page = office_page(screen)

    page.goto("/bulletin")

    assert page.get_by_role("link", name="通报", exact=True).get_attribute("aria-current") == "page"
    assert page.locator("svg.trend").count() == 6
    assert page.locator("svg.trend circle").first.evaluate("dot => getComputedStyle(dot).fill") == "rgb(29, 79, 145)"
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"]
