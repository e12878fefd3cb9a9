"""The calendar by page: everybody sees it, the province puts a new schedule in force after seeing what it changes."""

from collections.abc import Callable

import httpx
import pytest

pytestmark = pytest.mark.stack

Visit = Callable[..., httpx.Client]
Token = Callable[[httpx.Client], str]
SCHEDULE = b"version: tests\ndays_off: [2031-03-03]\n"  # a day that no other test counts


def sent(client: httpx.Client, token: str, content: bytes) -> httpx.Response:
    return client.post("/calendar/trial", data={"csrf": token}, files={"calendar": ("2031.yaml", content)})


def test_the_province_previews_and_adds_a_schedule(visit: Visit, csrf: Token) -> None:
    office = visit("office", is_admin=True)
    token = csrf(office)
    assert "启用新的放假安排" in office.get("/calendar").text

    previewed = sent(office, token, SCHEDULE)
    before = office.get("/calendar?year=2031").text
    added = office.post("/calendar/files", data={"csrf": token, "content": SCHEDULE.decode().replace("\n", "\r\n")})

    assert (previewed.status_code, added.status_code) == (200, 200)
    assert "预览，尚未启用" in previewed.text
    assert "3月3日" in previewed.text
    assert "已启用，未办结通知的时限已重算" in added.text
    after = office.get("/calendar?year=2031").text
    assert before.count("<i>休</i>") + 1 == after.count("<i>休</i>")
    assert "启用日历文件" in office.get("/actions").text


@pytest.mark.parametrize("content", [b"days_off: [2031-03-03]", b"version: t\ndays_off: [tomorrow]", b"- <b>", b"\xff"])
def test_a_wrong_file_is_refused_in_words(visit: Visit, csrf: Token, content: bytes) -> None:
    office = visit("office", is_admin=True)

    answer = sent(office, csrf(office), content)

    assert answer.status_code == 422
    assert "日历文件有误" in answer.text


@pytest.mark.parametrize(
    ("kind", "options"),
    [("platform", {"is_admin": True}), ("office", {"region": "411300", "is_admin": True}), ("office", {})],
)
def test_nobody_else_changes_the_calendar(visit: Visit, csrf: Token, kind: str, options: dict[str, object]) -> None:
    client = visit(kind, **options)

    assert sent(client, csrf(client), SCHEDULE).status_code == 403
    assert "启用新的放假安排" not in client.get("/calendar").text
