"""A person's own account: password and second factor."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from exchange_hub.core.clock import system_now
from exchange_hub.core.errors import UsageError
from exchange_hub.core.settings import settings
from exchange_hub.flows import totp
from exchange_hub.flows.accounts import KINDS, change_password
from exchange_hub.flows.passwords import CLASSES, KEPT, SHORTEST
from exchange_hub.flows.signin import PASSWORD_AGE, Visitor, confirm_totp
from exchange_hub.portal.pages.render import page
from exchange_hub.portal.pages.visits import SafeForm, see_other, signed_in, text, without_cookie
from exchange_hub.portal.state import address_of, hub_of, state_of

router = APIRouter(include_in_schema=False)
SignedIn = Annotated[Visitor, Depends(signed_in)]
RULES = {"shortest": SHORTEST, "classes": CLASSES, "kept": KEPT, "days": PASSWORD_AGE.days}


@router.get("/account")
def show(request: Request, visitor: SignedIn) -> Response:
    """Password and second factor."""
    return _page(request, visitor)


@router.post("/account/password")
def password(request: Request, visitor: SignedIn, form: SafeForm) -> Response:
    """Change the password; the person signs in anew."""
    state_of(request).sign_ins.take(address_of(request))
    try:
        if text(form, "new") != text(form, "again"):
            raise UsageError("NOT_THE_SAME", "两次输入的新口令不一致", "the two new passwords differ")
        old, new = text(form, "old"), text(form, "new")
        change_password(hub_of(request), visitor.account, old, new, system_now(), address_of(request))
    except UsageError as error:
        return _page(request, visitor, password_fault=error, status=422)
    return without_cookie(see_other("/sign-in"))


@router.post("/account/totp")
def begin_totp(request: Request, visitor: SignedIn, form: SafeForm) -> Response:
    """Show a new secret; it is in force once a code confirms it."""
    return _page(request, visitor, secret=totp.new_secret())


@router.post("/account/totp/confirm")
def finish_totp(request: Request, visitor: SignedIn, form: SafeForm) -> Response:
    """Turn the second factor on."""
    state_of(request).sign_ins.take(address_of(request))
    secret, code = text(form, "secret"), text(form, "code").strip()
    if visitor.account.totp_since is not None:
        return see_other("/account")
    try:
        if len(secret) != 32 or not set(secret) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"):
            raise UsageError("WRONG_CODE", "请重新生成密钥", "make a new secret")
        confirm_totp(hub_of(request), visitor.account, secret, code, system_now(), address_of(request))
    except UsageError as error:
        return _page(request, visitor, totp_fault=error, status=422)
    return see_other("/account")


def _page(
    request: Request,
    visitor: Visitor,
    *,
    secret: str | None = None,
    password_fault: UsageError | None = None,
    totp_fault: UsageError | None = None,
    status: int = 200,
) -> Response:
    return page(
        request,
        "account.html.j2",
        visitor,
        status=status,
        kinds=KINDS,
        rules=RULES,
        must_change=visitor.must_change(system_now()),
        totp_required=settings().portal_totp_required,
        secret=secret,
        picture=totp.picture(secret, visitor.account.login) if secret else None,
        password_fault=password_fault,
        totp_fault=totp_fault,
    )
