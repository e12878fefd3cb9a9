"""The portal in a real Chromium, on a laptop's and a phone's screen."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from exchange_hub.core.clock import system_now
from exchange_hub.core.notices import Actor, Role
from exchange_hub.flows import answers
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import ingest
from feedback.answers import Answer

pytestmark = [pytest.mark.stack, pytest.mark.browser]

NANYANG = "12411300MA3DEM035H"
PASSWORD = "Yellow-River-2026"
LAPTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
Faulty = Callable[..., dict[str, Any]]
Open = Callable[..., Any]


@pytest.fixture
def opened(chromium: Any, portal_url: str, person: Callable[..., str]) -> Iterator[Open]:
    """A function that opens the portal in a window of its own, signed in; what the console says is a failure."""
    contexts, complaints = [], []

    def make(kind: str = "platform", screen: dict[str, int] = LAPTOP, **options: Any) -> Any:
        context = chromium.new_context(viewport=screen, locale="zh-CN", base_url=portal_url)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto("/sign-in")
        page.keyboard.type(person(kind, **options))
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/$"))
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def test_a_technician_sends_a_package_and_answers_what_comes_back(
    opened: Open, package: Callable[..., bytes], tmp_path: Path
) -> None:
    path = tmp_path / "package.tar.gz"
    path.write_bytes(package("browser-1", projects=2, faults=12.0))
    page = opened()

    page.get_by_role("link", name="报送与校验").click()
    page.set_input_files("[name=package]", path)
    page.get_by_role("button", name="只校验").click()
    page.get_by_role("heading", name="校验结果").wait_for()
    page.goto("/upload")
    page.set_input_files("[name=package]", path)
    page.get_by_role("button", name="正式报送").click()
    page.wait_for_url(re.compile("/batches/.*/browser-1"))
    page.get_by_role("link", name="查看反馈通知").click(timeout=20_000)  # the page shows the result by itself

    page.get_by_role("button", name="签收通知").click()
    page.get_by_text("已签收确认").wait_for()
    before = page.get_by_text("待核查", exact=True).count()
    page.locator("[name=item]").first.check()
    page.get_by_text("答复或更正所选记录").click()
    page.get_by_role("radio", name="数据属实").check()
    page.get_by_label("说明（必填）").fill("已与项目单位核实")
    page.get_by_role("button", name="登记答复").click()
    page.get_by_text("已登记 1 条").wait_for()
    assert page.get_by_text("待核查", exact=True).count() < before


def test_a_record_is_corrected_by_form_and_its_item_closes(opened: Open, faulty: Faulty) -> None:
    number = faulty("browser-2", fault_names=("too_long",), faults=3.0, projects=1)["notice_no"]
    page = opened()
    page.goto(f"/notices/{number}")

    page.locator("[name=item]").first.check()
    page.get_by_text("答复或更正所选记录").click()
    page.get_by_role("button", name="用表单更正所选").click()
    page.locator(".wrong input, .wrong textarea").first.fill("某项目名称")
    page.get_by_role("button", name="提交更正").click()
    page.get_by_text("全部接收").wait_for(timeout=20_000)

    page.goto(f"/notices/{number}")
    page.get_by_text("已更正").first.wait_for()


@pytest.mark.parametrize("value", ["<img src=x onerror=alert(1)>", "\"'><script>alert(1)</script>", "{{7*7}}${7*7}"])
def test_what_a_field_holds_never_runs(
    opened: Open, hostile: Callable[[str, str], bytes], value: str, tmp_path: Path
) -> None:
    name = f"xss-{abs(hash(value)) % 10**6}"
    path = tmp_path / "hostile.tar.gz"
    path.write_bytes(hostile(name, value))
    page = opened()

    page.goto("/upload")
    page.set_input_files("[name=package]", path)
    page.get_by_role("button", name="正式报送").click()
    page.wait_for_url(re.compile(f"/batches/.*/{name}"))
    page.get_by_role("link", name="查看反馈通知").click(timeout=20_000)
    seen = page.content()
    page.locator("[name=item]").first.check()
    page.get_by_text("答复或更正所选记录").click()
    page.get_by_role("button", name="用表单更正所选").click()
    page.locator("details").first.click()

    assert page.locator("img[src=x], main script").count() == 0
    assert value in page.locator("main").inner_text() + "".join(
        field.input_value() for field in page.locator("main input, main textarea").all()
    )
    assert "49" not in re.findall(r">([^<]*)<", seen) or "{{" not in value


@pytest.fixture
def crowded(hub: Hub, hostile: Callable[[str, str], bytes], tmp_path: Path) -> str:
    """Number of a notice whose values, batch number and objection are long and without a place to break."""
    path = tmp_path / "crowded.tar.gz"
    path.write_bytes(hostile(f"{uuid4().hex}{uuid4().hex}", "W" * 600))
    now = system_now()
    number = str(ingest(hub, path, now, channel="folder", sender=NANYANG)["notice_no"])
    said = [Answer(1, "objection", "Q" * 1_500)]
    answers.answer_items(hub, number, NANYANG, said, Actor(Role.PLATFORM, "tests"), now)
    return number


@pytest.mark.parametrize("screen", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_every_page_fits_the_screen(opened: Open, crowded: str, screen: dict[str, int], tmp_path: Path) -> None:
    centre, office = opened(screen=screen, is_admin=True), opened("office", screen=screen, is_admin=True)
    centre.goto(f"/notices/{crowded}")
    batch = centre.locator("h1 a").get_attribute("href")
    shared = [
        "/",
        "/notices",
        f"/notices/{crowded}",
        "/batches",
        batch,
        "/calendar",
        "/account",
        "/actions",
        "/accounts",
    ]
    own = ["/upload", f"/notices/{crowded}/correct?item=1&item=2"]

    wide = []
    for page, paths in ((centre, shared + own), (office, [*shared, "/objections"])):
        for path in paths:
            assert page.goto(path).status == 200
            page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = !part.matches('.who') })")
            page.screenshot(path=tmp_path / f"{path.replace('/', '_')[:60]}.png", full_page=True)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append(path)

    assert wide == []


def test_pages_work_without_script(chromium: Any, portal_url: str, person: Callable[..., str], faulty: Faulty) -> None:
    number = faulty("browser-noscript")["notice_no"]
    context = chromium.new_context(base_url=portal_url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/sign-in?next=/notices/{number}")
    page.fill("[name=login]", person())
    page.fill("[name=password]", PASSWORD)
    page.click("button.main")

    page.locator("[name=item]").first.check()
    page.locator("details.answerbox summary").click()
    page.check("[name=answer][value=withdrawn]")
    page.fill("[name=reason]", "重复")
    page.get_by_role("button", name="登记答复").click()

    assert page.get_by_text("已登记 1 条").count() == 1
    context.close()


def test_the_second_factor_is_turned_on_with_a_phone(opened: Open) -> None:
    import pyotp

    page = opened()
    page.goto("/account")
    page.get_by_role("button", name="生成密钥").click()
    secret = page.locator("[name=secret]").input_value()
    assert page.locator("img.qr").evaluate("image => image.naturalWidth") > 50

    page.fill("[name=code]", pyotp.TOTP(secret).now())
    page.get_by_role("button", name="启用", exact=True).click()

    page.get_by_text("已启用").wait_for()


def test_the_keyboard_alone_reaches_the_notice(opened: Open, faulty: Faulty) -> None:
    number = faulty("browser-keys")["notice_no"]
    page = opened()
    page.goto("/notices")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(40):
        page.keyboard.press("Tab")
        if number in page.evaluate("document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/notices/{number}")
