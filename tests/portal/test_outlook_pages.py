"""The outlook on the portal: a centre and its office see what the next release would mean, nobody else does."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from exchange_hub.core.clock import system_now
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import ingest
from exchange_hub.flows.outlook import outlook_of
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from warehouse import batches, outlook

pytestmark = pytest.mark.stack

NANYANG, LUOYANG = "12411300MA3DEM035H", "12410300MA3DEM027A"
BREAKING, BATCH = "3.0.0", "outlook-ahead"
Visit = Callable[..., httpx.Client]


@pytest.fixture(scope="module")
def ahead(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> outlook.Outlook:
    """A batch of Nanyang, some of it faulty today, held against the release that breaks as shadow validation does."""
    folder = tmp_path_factory.mktemp("outlook")
    write_package(
        folder / "package", SampleOptions(platform=NANYANG, seed=4_711, batch_no=BATCH, projects=2, faults=8.0)
    )
    ingest(hub, folder / "package", system_now(), channel="folder", sender=NANYANG)
    with hub.database() as conn:
        batch = batches.find(conn, NANYANG, BATCH)
        assert batch is not None
        found = outlook_of(hub, conn, batch, BREAKING)
        outlook.store(conn, batch.id, found, system_now())
        conn.commit()
    return found


def counted(text: str) -> list[int]:
    """The numbers of our batch's row: received, passing, newly rejected, rejected, held."""
    row = re.search(rf"/{BATCH}\".*?</tr>", text, re.DOTALL)
    assert row is not None
    return [int(number) for number in re.findall(r'class="n"><span[^>]*>(\d+)<', row[0])]


def test_a_centre_sees_which_rules_of_a_release_would_reject_its_records(visit: Visit, ahead: outlook.Outlook) -> None:
    text = visit().get(f"/outlook?release={BREAKING}").text

    assert f"2.0.0 → {BREAKING}" in text
    assert "不影响已报送的批次" in text
    assert counted(text) == [ahead.received, ahead.passing, ahead.newly_rejected, ahead.rejected, ahead.held]
    assert ahead.rejected > ahead.newly_rejected > 0
    for rule in ahead.rules:
        assert rule["rule_id"] in text
    assert ahead.examples[0]["expected_zh"] in text
    assert f"第 {ahead.examples[0]['row']} 条" in text


def test_what_would_newly_be_rejected_stands_first_and_is_counted_by_rule(ahead: outlook.Outlook) -> None:
    newly = {rule["rule_id"]: rule["newly"] for rule in ahead.rules}

    assert all(0 <= rule["newly"] <= rule["records"] for rule in ahead.rules)
    assert newly["PRS-001"] > 0
    assert sum(rule["records"] for rule in ahead.rules) > sum(newly.values()) >= ahead.newly_rejected
    assert (ahead.examples[0]["rule_id"], ahead.examples[0]["field"]) == ("PRS-001", "PROJECT_CODE")


def test_a_compatible_next_release_is_said_to_reject_nothing_new(visit: Visit, ahead: outlook.Outlook) -> None:
    text = visit().get("/outlook").text

    received, passing, newly, rejected, held = counted(text)
    assert "2.0.0 → 2.1.0" in text
    assert "拟于 2027-04-01 起施行" in text
    assert "BIDDER_MARGIN_REFUND" in text
    assert (received, newly, rejected) == (ahead.received, 0, ahead.rejected - ahead.newly_rejected)
    assert received == passing + rejected + held


@pytest.mark.usefixtures("ahead")
def test_nobody_sees_the_outlook_of_another(visit: Visit) -> None:
    luoyang = visit(platform_code=LUOYANG)

    assert luoyang.get(f"/outlook/{NANYANG}").status_code == 404
    assert BATCH not in luoyang.get("/outlook").text
    assert visit("office", region="410300").get(f"/outlook/{NANYANG}").status_code == 404
    assert visit("office", region="411300").get(f"/outlook/{NANYANG}").status_code == 200


@pytest.mark.usefixtures("ahead")
def test_an_office_sees_its_centres_and_goes_on_to_each(visit: Visit) -> None:
    office = visit("office")

    listed = office.get("/outlook").text
    shown = office.get(f"/outlook/{NANYANG}?release={BREAKING}").text

    assert f'href="/outlook/{NANYANG}"' in listed
    assert f'href="/outlook/{LUOYANG}"' in listed
    assert BATCH in shown
    assert "该平台最近报送的批次" in shown


@pytest.mark.parametrize("release", ["9.9.9", "../x", "2.0.0"])
def test_a_release_that_nothing_is_held_against_is_not_found(visit: Visit, release: str) -> None:
    assert visit().get("/outlook", params={"release": release}).status_code == 404


def test_strangers_are_sent_to_sign_in(portal_url: str) -> None:
    for path in ("/outlook", f"/outlook/{NANYANG}"):
        answer = httpx.get(portal_url + path, trust_env=False)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in")


@pytest.mark.browser
@pytest.mark.usefixtures("ahead")
def test_the_outlook_fits_every_screen_and_unfolds(
    chromium: Any, visit: Visit, portal_url: str, tmp_path: Path
) -> None:
    context = chromium.new_context(locale="zh-CN", base_url=portal_url)
    context.add_cookies([{"name": "hub", "value": visit().cookies["hub"], "url": portal_url}])
    page = context.new_page()

    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 860})
        page.goto("/")
        page.get_by_role("link", name="新版前瞻").click()
        page.get_by_role("link", name=BREAKING).click()
        page.screenshot(path=tmp_path / f"outlook-{width}.png", full_page=True)
        assert page.locator("nav.tabs [aria-current=page]").inner_text() == "新版前瞻"
        page.get_by_text("与报送有关的变化").click()
        page.get_by_text("不兼容", exact=True).first.wait_for()
        page.locator("details.card summary").last.click()
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")

    context.close()
