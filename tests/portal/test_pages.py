"""Pages without a browser: who gets in, whose data a page shows, which forms are taken, what stands in the headers."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.stack

LUOYANG = "12410300MA3DEM027A"
PASSWORD = "Yellow-River-2026"
Visit = Callable[..., httpx.Client]
Token = Callable[[httpx.Client], str]
Faulty = Callable[..., dict[str, Any]]


def test_pages_say_nothing_to_strangers(portal_url: str) -> None:
    for path in ("/", "/batches", "/notices", "/accounts", "/notices/FK-41130001-2026-000001", "/objections"):
        answer = httpx.get(portal_url + path, trust_env=False)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in")


def test_every_answer_carries_the_security_headers(portal_url: str) -> None:
    answer = httpx.get(f"{portal_url}/sign-in", trust_env=False)

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?! src=)|\son[a-z]+=|style=", answer.text)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(portal_url: str, person: Callable[..., str]) -> None:
    answer = httpx.post(f"{portal_url}/sign-in", data={"login": person(), "password": PASSWORD}, trust_env=False)

    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_an_unknown_login_gets_the_same_answer_as_a_wrong_password(portal_url: str, person: Callable[..., str]) -> None:
    login = person()

    def said(name: str) -> tuple[int, str]:
        answer = httpx.post(f"{portal_url}/sign-in", data={"login": name, "password": "wrong"}, trust_env=False)
        return answer.status_code, answer.text.replace(name, "")

    assert said(login) == said("nobody-of-that-name")


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(portal_url: str, person: Callable[..., str], target: str) -> None:
    form = {"login": person(), "password": PASSWORD, "next": target}

    answer = httpx.post(f"{portal_url}/sign-in", data=form, trust_env=False)

    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    ("token", "headers"),
    [("", {}), ("forged", {}), (None, {"Origin": "http://evil.example"}), (None, {"Sec-Fetch-Site": "cross-site"})],
)
def test_a_form_that_is_not_ours_is_refused(
    visit: Visit, csrf: Token, token: str | None, headers: dict[str, str]
) -> None:
    client = visit()
    form = {"csrf": csrf(client) if token is None else token}

    answer = client.post("/sign-out", data=form, headers=headers)

    assert answer.status_code == 403
    assert client.get("/").status_code == 200


def test_a_signed_out_cookie_opens_nothing(visit: Visit, csrf: Token) -> None:
    client = visit()
    cookie = client.cookies["hub"]

    client.post("/sign-out", data={"csrf": csrf(client)})

    client.cookies.set("hub", cookie)
    assert client.get("/").headers["location"] == "/sign-in"


def test_a_centre_sees_nothing_of_another(visit: Visit, faulty: Faulty, csrf: Token) -> None:
    report = faulty("pages-other")
    other = visit(platform_code=LUOYANG)
    number = report["notice_no"]

    answers = [
        other.get(f"/notices/{number}"),
        other.get(f"/notices/{number}.xlsx"),
        other.get(f"/batches/{report['platform_code']}/pages-other"),
        other.post(f"/notices/{number}/acknowledgement", data={"csrf": csrf(other)}),
        other.post(f"/notices/{number}/correct", data={"csrf": csrf(other), "item": "1"}),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert number not in other.get("/notices").text


def test_an_office_reaches_its_region_only(visit: Visit, faulty: Faulty) -> None:
    number = faulty("pages-region")["notice_no"]

    assert visit("office", region="411300").get(f"/notices/{number}").status_code == 200
    assert visit("office", region="410300").get(f"/notices/{number}").status_code == 404


def test_only_an_office_decides_and_only_an_administrator_manages(visit: Visit, csrf: Token, faulty: Faulty) -> None:
    client = visit()
    number = faulty("pages-rights")["notice_no"]
    form = {"csrf": csrf(client), "item": "1", "reason": "x", "decision": "upheld"}

    assert client.post(f"/notices/{number}/revocation", data=form).status_code == 403
    assert client.post(f"/objections/{number}", data=form).status_code == 403
    assert client.get("/accounts").status_code == 403
    assert client.post("/keys", data=form).status_code == 403


def test_a_unit_administrator_opens_accounts_of_the_own_unit_only(visit: Visit, csrf: Token) -> None:
    client = visit(is_admin=True)
    form = {"csrf": csrf(client), "login": "newcomer", "person": "新人", "kind": "hub", "platform": LUOYANG}

    answer = client.post("/accounts", data=form)

    assert answer.status_code == 200
    assert "newcomer 的初始口令" in answer.text
    row = re.search(r"newcomer.*?单位\"><span>([^<]+)", answer.text, re.DOTALL)
    assert row is not None
    assert "12411300MA3DEM035H" in row[1]
    assert client.post("/accounts/admin/reset", data={"csrf": csrf(client)}).status_code == 404


def test_the_office_decides_an_objection_and_the_centre_sees_it(visit: Visit, csrf: Token, faulty: Faulty) -> None:
    number = faulty("pages-objection")["notice_no"]
    centre, office = visit(), visit("office")
    said = {"csrf": csrf(centre), "item": "1", "answer": "objection", "reason": "规则不适用于应急工程"}
    assert centre.post(f"/notices/{number}/answers", data=said).status_code == 200
    assert "规则不适用于应急工程" in office.get("/objections").text

    decision = {"csrf": csrf(office), "item": "1", "decision": "upheld", "reason": "同意"}
    answer = office.post(f"/objections/{number}", data=decision)

    assert answer.status_code == 303
    assert "退回已撤销" in centre.get(f"/notices/{number}").text


def test_all_open_items_of_a_rule_are_answered_at_once(visit: Visit, csrf: Token, faulty: Faulty) -> None:
    report = faulty("pages-many")
    number = report["notice_no"]
    client = visit()
    form = {"csrf": csrf(client), "all": "1", "answer": "withdrawn", "reason": "整批撤回"}

    answer = client.post(f"/notices/{number}/answers", data=form)

    assert f"已登记 {report['counts']['rejected']} 条" in answer.text
    assert "已办结" in client.get(f"/notices/{number}").text


def test_the_filled_in_workbook_is_taken(visit: Visit, csrf: Token, faulty: Faulty) -> None:
    from io import BytesIO

    import openpyxl

    number = faulty("pages-workbook")["notice_no"]
    client = visit()
    book = openpyxl.load_workbook(BytesIO(client.get(f"/notices/{number}.xlsx").content))
    sheet = next(book[name] for name in book.sheetnames if name.startswith("退回明细"))
    heading = [cell.value for cell in sheet[1]]
    sheet.cell(2, heading.index("处理方式") + 1, "数据属实")
    sheet.cell(2, heading.index("说明") + 1, "已与项目单位核实")
    filled = BytesIO()
    book.save(filled)

    answer = client.post(
        f"/upload/answers/{number}", data={"csrf": csrf(client)}, files={"workbook": ("a.xlsx", filled.getvalue())}
    )
    broken = client.post(f"/upload/answers/{number}", data={"csrf": csrf(client)}, files={"workbook": ("a.xlsx", b"x")})

    assert "已登记 1 条" in answer.text
    assert broken.status_code == 422
    assert "无法读取答复文件" in broken.text
