"""Notices over HTTP: listed page by page, read in five forms, acknowledged, answered; another's does not exist."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import httpx
import openpyxl
import pytest

pytestmark = pytest.mark.stack

Faulty = Callable[..., dict[str, Any]]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def address(faulty: Faulty, request: pytest.FixtureRequest) -> str:
    """Address of a new notice of Nanyang."""
    name = f"api-{abs(hash(request.node.name)) % 10**9}"
    return f"/api/v1/notices/{faulty(name)['notice_no']}"


def test_a_list_goes_on_page_by_page(nanyang: httpx.Client, faulty: Faulty) -> None:
    made = [faulty(f"api-list-{n}")["notice_no"] for n in range(3)]

    first = nanyang.get("/api/v1/notices", params={"limit": 2}).json()
    second = nanyang.get(first["next"]).json()

    assert [row["notice_no"] for row in first["notices"] + second["notices"]][:3] == made[::-1]


@pytest.mark.parametrize(
    ("suffix", "accept", "kind"),
    [
        (".json", "", "application/json"),
        ("", "text/html", "text/html; charset=utf-8"),
        ("", XLSX, XLSX),
        (".xlsx", "application/json", XLSX),
        ("", "text/csv", "text/csv; charset=utf-8"),
        (".csv", "", "text/csv; charset=utf-8"),
        ("", "application/pdf", "application/pdf"),
        (".pdf", "text/html", "application/pdf"),
        ("", "text/plain;q=0.9, */*;q=0.1", "application/json"),
    ],
)
def test_a_notice_comes_in_the_form_that_is_asked_for(
    nanyang: httpx.Client, address: str, suffix: str, accept: str, kind: str
) -> None:
    answer = nanyang.get(address + suffix, headers={"Accept": accept} if accept else {})

    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    if kind == XLSX:
        assert openpyxl.load_workbook(BytesIO(answer.content)).sheetnames


def test_no_form_that_we_have_is_406(nanyang: httpx.Client, address: str) -> None:
    assert nanyang.get(address, headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("way", ["", ".html", "/acknowledgement", "/items/1/answer"])
def test_anothers_notice_does_not_exist(luoyang: httpx.Client, address: str, way: str) -> None:
    said = {"answer": "objection", "reason": "理由"}

    answer = luoyang.get(address + way) if way in ("", ".html") else luoyang.post(address + way, json=said)

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_an_acknowledgement_is_kept_and_may_be_repeated(nanyang: httpx.Client, address: str) -> None:
    first = nanyang.post(f"{address}/acknowledgement")
    again = nanyang.post(f"{address}/acknowledgement")

    assert (first.status_code, first.json()["state"]) == (200, "received")
    assert again.json()["due_at"] == first.json()["due_at"] is not None


def test_an_answer_needs_a_reason_and_a_closed_item_says_that_it_is(nanyang: httpx.Client, address: str) -> None:
    place = f"{address}/items/1/answer"

    without = nanyang.post(place, json={"answer": "withdrawn"})
    taken = nanyang.post(place, json={"answer": "withdrawn", "reason": "重复报送"})
    closed = nanyang.post(place, json={"answer": "objection", "reason": "有异议"})
    missing = nanyang.post(f"{address}/items/999999/answer", json={"answer": "objection", "reason": "有异议"})

    assert without.status_code == 422
    assert taken.status_code == 200
    assert (closed.status_code, closed.json()["code"]) == (409, "ITEM_CLOSED")
    assert "已办结" in closed.json()["detail"]
    assert missing.status_code == 404
    item = nanyang.get(address).json()["items"][0]
    assert (item["state"], item["answer"]) == ("withdrawn", "withdrawn")
