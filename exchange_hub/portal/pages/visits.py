"""Who visits a page: the session behind the cookie, and forms that really come from our pages."""

import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from exchange_hub.core.clock import system_now
from exchange_hub.core.settings import settings
from exchange_hub.flows.accounts import reach_of
from exchange_hub.flows.signin import LONGEST, Visitor, visitor_of
from exchange_hub.portal.problems import Problem, not_found
from exchange_hub.portal.state import hub_of

FIELD_BYTES = 256 * 1024  # of one field of a form that is no file
MOST_FIELDS = 5_000


class SeeOther(Exception):
    """Raised to send the visitor to another page of ours."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def see_other(path: str) -> Response:
    """Send the visitor to another page of ours."""
    return RedirectResponse(path, 303)


def cookie_name() -> str:
    """Over TLS the browser itself keeps the cookie to this host."""
    return "__Host-hub" if settings().portal_secure else "hub"


def with_cookie(response: Response, token: str) -> Response:
    """Give the visitor the session's cookie."""
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(LONGEST.total_seconds()),
        secure=settings().portal_secure,
        httponly=True,
        samesite="lax",
    )
    return response


def without_cookie(response: Response) -> Response:
    """Take the cookie back."""
    response.delete_cookie(cookie_name(), secure=settings().portal_secure, httponly=True, samesite="lax")
    return response


def anyone(request: Request) -> Visitor | None:
    """The visitor of a page that needs no session."""
    token = request.cookies.get(cookie_name())
    return visitor_of(hub_of(request), token, system_now()) if token else None


def half_in(request: Request) -> Visitor:
    """A visitor whose password was right; the second factor may still be due."""
    visitor = anyone(request)
    if visitor is None:
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise SeeOther("/sign-in" + (f"?next={back}" if request.method == "GET" and back != "/" else ""))
    return visitor


def signed_in(request: Request) -> Visitor:
    """A visitor who is in, whose password may still be one to change."""
    visitor = half_in(request)
    if not visitor.session.passed:
        raise SeeOther("/second-factor")
    return visitor


def at_work(request: Request) -> Visitor:
    """A visitor who is in and has nothing to do first."""
    visitor = signed_in(request)
    if visitor.must_change(system_now()):
        raise SeeOther("/account?first=password")
    if settings().portal_totp_required and visitor.account.totp_since is None:
        raise SeeOther("/account?first=totp")
    return visitor


VisitorOf = Annotated[Visitor, Depends(at_work)]


def reach(request: Request, visitor: Visitor) -> tuple[str, ...]:
    """Codes of the platforms that the visitor may see."""
    return reach_of(visitor.account, hub_of(request).platforms)


def centre_code(visitor: Visitor) -> str:
    """Platform of a centre's account.

    Raises:
        Problem: 403: an office or the hub does not act for a centre.
    """
    if visitor.account.platform_code is None:
        raise Problem(403, "NOT_A_CENTRE", "此操作由交易中心账号办理", "only an account of a centre does this")
    return visitor.account.platform_code


def must_reach(request: Request, visitor: Visitor, platform_code: str | None) -> str:
    """What is out of reach does not exist.

    Raises:
        Problem: 404.
    """
    if platform_code is None or platform_code not in reach(request, visitor):
        raise not_found()
    return platform_code


def of_our_site(request: Request) -> None:
    """A form must come from our own pages.

    Raises:
        Problem: 403.
    """
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "same-origin")
    foreign = origin is not None and origin.partition("://")[2] != request.headers.get("host")
    if foreign or site not in ("same-origin", "none"):
        raise Problem(403, "FOREIGN_FORM", "表单不是从本站页面提交的", "the form was not sent from a page of this site")


async def open_form(request: Request) -> AsyncIterator[FormData]:
    """A form of a page that needs no session."""
    of_our_site(request)
    async with request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=FIELD_BYTES) as form:
        yield form


async def half_form(request: Request, visitor: Annotated[Visitor, Depends(half_in)]) -> AsyncIterator[FormData]:
    """A form of a visitor, carrying the session's token.

    Raises:
        Problem: 403.
    """
    of_our_site(request)
    async with request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=FIELD_BYTES) as form:
        if not visitor.right_form(text(form, "csrf")):
            raise Problem(
                403, "STALE_FORM", "页面已过期，请返回刷新后重试", "the page is stale; reload it and try again"
            )
        yield form


OpenForm = Annotated[FormData, Depends(open_form)]
SafeForm = Annotated[FormData, Depends(half_form)]


def text(form: FormData, name: str) -> str:
    """A field of a form; empty where it is missing or a file."""
    value = form.get(name)
    return value.replace("\x00", "") if isinstance(value, str) else ""


def numbers(form: FormData, name: str) -> list[int]:
    """All values of a field that are numbers."""
    return [int(v) for v in form.getlist(name) if isinstance(v, str) and re.fullmatch("[1-9][0-9]{0,8}", v)]


def upload(form: FormData, name: str) -> UploadFile:
    """The file of a form.

    Raises:
        Problem: 400 where none was chosen.
    """
    value = form.get(name)
    if not isinstance(value, UploadFile) or not value.filename:
        raise Problem(400, "NO_FILE", "请选择文件", "choose a file")
    return value


def safe_next(path: str) -> str:
    """A path of ours to go on to; anything else is the start page."""
    return path if re.fullmatch(r"/(?![/\\])[\x21-\x7e]*", path) and "\\" not in path else "/"
