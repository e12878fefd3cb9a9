"""Signing in and out, and the second factor."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from exchange_hub.core.clock import system_now
from exchange_hub.core.errors import UsageError
from exchange_hub.flows.signin import Visitor, pass_second_factor, sign_in, sign_out
from exchange_hub.portal.pages.render import page
from exchange_hub.portal.pages.visits import (
    OpenForm,
    SafeForm,
    anyone,
    half_in,
    safe_next,
    see_other,
    text,
    with_cookie,
    without_cookie,
)
from exchange_hub.portal.state import address_of, hub_of, state_of

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
def sign_in_page(request: Request, next: str = "/") -> Response:  # noqa: A002 -- the name in the address
    """The form; who is in already goes on."""
    visitor = anyone(request)
    if visitor is not None and visitor.session.passed:
        return see_other(safe_next(next))
    return page(request, "sign_in.html.j2", next=safe_next(next), login="", fault=None)


@router.post("/sign-in")
def enter(request: Request, form: OpenForm) -> Response:
    """Begin a session."""
    state_of(request).sign_ins.take(address_of(request))
    login, on = text(form, "login").strip().lower(), safe_next(text(form, "next") or "/")
    try:
        token, session = sign_in(hub_of(request), login, text(form, "password"), system_now(), address_of(request))
    except UsageError as error:
        return page(request, "sign_in.html.j2", status=401, next=on, login=login, fault=error)
    return with_cookie(see_other(on if session.passed else f"/second-factor?next={on}"), token)


@router.get("/second-factor")
def second_factor_page(request: Request, visitor: Annotated[Visitor, Depends(half_in)], next: str = "/") -> Response:  # noqa: A002
    """The form for the code."""
    if visitor.session.passed:
        return see_other(safe_next(next))
    return page(request, "second_factor.html.j2", visitor, next=safe_next(next), fault=None)


@router.post("/second-factor")
def second_factor(request: Request, visitor: Annotated[Visitor, Depends(half_in)], form: SafeForm) -> Response:
    """Check the code; a new session takes the place of the half one."""
    state_of(request).sign_ins.take(address_of(request))
    on = safe_next(text(form, "next") or "/")
    if visitor.session.passed:
        return see_other(on)
    try:
        code = text(form, "code").strip()
        token, _ = pass_second_factor(hub_of(request), visitor, code, system_now(), address_of(request))
    except UsageError as error:
        return page(request, "second_factor.html.j2", visitor, status=401, next=on, fault=error)
    return with_cookie(see_other(on), token)


@router.post("/sign-out")
def leave(request: Request, visitor: Annotated[Visitor, Depends(half_in)], form: SafeForm) -> Response:
    """End the session."""
    sign_out(hub_of(request), visitor, system_now(), address_of(request))
    return without_cookie(see_other("/sign-in"))
