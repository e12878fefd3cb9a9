"""Which pages an account finds in its menu."""

from dataclasses import dataclass

from warehouse.accounts import Account


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the menu."""

    path: str
    zh: str
    here: bool


def entries(account: Account, path: str) -> tuple[Entry, ...]:
    """The menu of an account, the present page marked."""
    centre = (("/", "首页"), ("/upload", "报送与校验"), ("/batches", "批次"), ("/notices", "反馈通知"))
    office = (("/", "总览"), ("/notices", "反馈通知"), ("/objections", "异议"), ("/batches", "批次"))
    admin = (("/accounts", "账号与密钥"),) if account.is_admin else ()
    shared = (("/bulletin", "通报"), ("/outlook", "新版前瞻"), ("/calendar", "工作日历"))
    menu = (*(centre if account.kind == "platform" else office), *shared, *admin)
    return tuple(Entry(at, zh, path == at or (at != "/" and path.startswith(at + "/"))) for at, zh in menu)
