"""What a unit's administrator does: accounts of the unit, and API keys of its platform."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange_hub.core.clock import system_now
from exchange_hub.core.errors import UsageError
from exchange_hub.flows.accounts import (
    KINDS,
    create_account,
    known,
    list_accounts,
    may_manage,
    reset_account,
    set_enabled,
)
from exchange_hub.flows.keys import create_key, list_keys, revoke_key
from exchange_hub.flows.signin import Visitor
from exchange_hub.portal.pages.render import page
from exchange_hub.portal.pages.visits import SafeForm, VisitorOf, must_reach, text
from exchange_hub.portal.problems import Problem, not_found
from exchange_hub.portal.state import address_of, hub_of
from warehouse import actions
from warehouse.accounts import Account, NewAccount
from warehouse.keys import ApiKey

router = APIRouter(include_in_schema=False)


def must_be_admin(visitor: Visitor) -> None:
    """Only a unit's administrator.

    Raises:
        Problem: 403.
    """
    if not visitor.account.is_admin:
        raise Problem(403, "NOT_AN_ADMIN", "此操作由单位管理员办理", "only a unit's administrator does this")


@router.get("/accounts")
def show(request: Request, visitor: VisitorOf) -> Response:
    """Accounts and keys of the unit, and what they did."""
    must_be_admin(visitor)
    return _page(request, visitor)


@router.post("/accounts")
def create(request: Request, visitor: VisitorOf, form: SafeForm) -> Response:
    """Make an account of the unit; its first password is shown once."""
    must_be_admin(visitor)
    own, kind = visitor.account, text(form, "kind")
    if own.kind == "hub":
        platform, region = text(form, "platform") or None, text(form, "region").strip() or None
    else:
        kind, platform, region = own.kind, own.platform_code, own.region
    new = NewAccount(
        text(form, "login").strip().lower(),
        text(form, "person").strip(),
        kind,
        bool(text(form, "is_admin")),
        platform if kind == "platform" else None,
        region if kind == "office" else None,
        tuple(own.trades) if own.kind == "office" else tuple(v for v in form.getlist("trade") if isinstance(v, str)),
    )
    if not may_manage(own, new):
        raise Problem(403, "NOT_YOUR_UNIT", "只能管理本单位的账号", "only accounts of your own unit")
    try:
        password = create_account(hub_of(request), new, own.login, system_now(), address_of(request))
    except UsageError as error:
        return _page(request, visitor, fault=error)
    return _page(request, visitor, said=(f"账号 {new.login} 的初始口令", password))


@router.post("/accounts/{login}/{action}")
def change(request: Request, visitor: VisitorOf, login: str, action: str, form: SafeForm) -> Response:
    """Reset, disable or enable an account of the unit."""
    must_be_admin(visitor)
    hub, own, now, address = hub_of(request), visitor.account, system_now(), address_of(request)
    account = _own(request, visitor, login)
    if account.id == own.id:
        zh, en = "不能对自己的账号做此操作", "not on your own account"
        return _page(request, visitor, fault=UsageError("OWN_ACCOUNT", zh, en))
    match action:
        case "reset":
            return _page(
                request,
                visitor,
                said=(f"账号 {login} 的初始口令", reset_account(hub, login, own.login, now, address)),
            )
        case "disable" | "enable":
            set_enabled(hub, login, action == "enable", own.login, now, address)
            return _page(request, visitor)
        case _:
            raise not_found()


@router.post("/keys")
def make_key(request: Request, visitor: VisitorOf, form: SafeForm) -> Response:
    """Make an API key; it is shown once."""
    must_be_admin(visitor)
    code = must_reach(request, visitor, visitor.account.platform_code or text(form, "platform"))
    try:
        _, key = create_key(
            hub_of(request),
            code,
            text(form, "label").strip(),
            visitor.account.login,
            system_now(),
            address=address_of(request),
        )
    except UsageError as error:
        return _page(request, visitor, fault=error)
    return _page(request, visitor, said=(f"平台 {code} 的接口密钥", key))


@router.post("/keys/{key_id}/revoke")
def drop_key(request: Request, visitor: VisitorOf, key_id: str, form: SafeForm) -> Response:
    """Revoke an API key of the unit."""
    must_be_admin(visitor)
    login, own = visitor.account.login, visitor.account.platform_code
    if own is None and visitor.account.kind != "hub":
        raise not_found()
    revoke_key(hub_of(request), key_id, login, system_now(), own, address_of(request))
    return _page(request, visitor)


def _own(request: Request, visitor: Visitor, login: str) -> Account:
    """An account that this administrator may change; another does not exist for him."""
    try:
        with hub_of(request).database() as conn:
            account = known(conn, login)
    except UsageError as error:
        raise not_found("没有这个账号", "no such account") from error
    if not may_manage(visitor.account, account):
        raise not_found("没有这个账号", "no such account")
    return account


def _page(
    request: Request, visitor: Visitor, *, said: tuple[str, str] | None = None, fault: UsageError | None = None
) -> Response:
    hub, own = hub_of(request), visitor.account
    everything = own.kind == "hub"
    found = list_accounts(hub) if everything else list_accounts(hub, own.kind, own.platform_code or own.region)
    keys = list_keys(hub, None if everything else own.platform_code) if own.kind != "office" else []
    with hub.database() as conn:
        rows = actions.newest(conn, None if everything else _actors(found, keys), 50)
    return page(
        request,
        "accounts.html.j2",
        visitor,
        status=422 if fault else 200,
        accounts=found,
        keys=keys,
        rows=rows,
        kinds=KINDS,
        platforms=list(hub.platforms.values()),
        trades=sorted({trade for platform in hub.platforms.values() for trade in platform.trades}),
        everything=everything,
        said=said,
        fault=fault,
    )


def _actors(accounts: list[Account], keys: list[ApiKey]) -> list[str]:
    return [account.login for account in accounts] + [f"key:{key.key_id}" for key in keys]
