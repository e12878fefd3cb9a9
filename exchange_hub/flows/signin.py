"""Signing in: password, lock-out, second factor, session. Nobody learns from it which logins exist."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from exchange_hub.core.errors import UsageError
from exchange_hub.flows import totp
from exchange_hub.flows.context import Hub
from exchange_hub.flows.passwords import matches
from warehouse import accounts, actions, sessions
from warehouse.accounts import Account
from warehouse.actions import Action
from warehouse.sessions import Session

MOST_FAILURES = 5
LOCK = timedelta(minutes=15)
PASSWORD_AGE = timedelta(days=90)
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person with a session."""

    account: Account
    session: Session

    def must_change(self, now: datetime) -> bool:
        """Whether a new password comes before anything else: it is another's choice, or too old."""
        return self.account.must_change or now >= self.account.password_set_at + PASSWORD_AGE

    def right_form(self, token: str) -> bool:
        """Whether a form carries this session's token."""
        return hmac.compare_digest(token.encode(), self.session.csrf.encode())


def sign_in(hub: Hub, login: str, password: str, now: datetime, address: str) -> tuple[str, Session]:
    """Begin a session.

    Returns:
        The cookie's text, and the session: `passed` is false where the second factor is still due.

    Raises:
        UsageError: NOT_IN, the same for a wrong login, a wrong password, a locked and a disabled account.
    """
    with hub.database() as conn:
        account = accounts.find(conn, login) if login.isascii() else None
        right = matches(password, account.password_hash if account else None)
        if account is None or account.disabled_at is not None or account.locked(now) or not right:
            why = _why_not(conn, account, right, now)
            actions.record(conn, Action(account.login if account else "?", "sign_in", "", "refused", why, address), now)
            conn.commit()
            raise _not_in()
        token, session = _begin(conn, account, passed=account.totp_since is None, now=now)
        if session.passed:
            accounts.note_sign_in(conn, account.id, now)
        actions.record(conn, Action(account.login, "sign_in", "", "done", "", address), now)
        conn.commit()
    return token, session


def pass_second_factor(hub: Hub, visitor: Visitor, code: str, now: datetime, address: str) -> tuple[str, Session]:
    """The second step: a new session that has passed takes the place of the half one.

    Raises:
        UsageError: NOT_IN; each failure counts towards the lock-out, a locked account's session ends.
    """
    account = visitor.account
    with hub.database() as conn:
        step = totp.step_of(totp.opened(account.totp_secret or b"", hub.settings), code, now)
        if account.locked(now) or step is None or not accounts.use_step(conn, account.id, step):
            if accounts.note_failure(conn, account.id, now, MOST_FAILURES, LOCK):
                sessions.end_all(conn, account.id, now)
            actions.record(conn, Action(account.login, "second_factor", "", "refused", "code", address), now)
            conn.commit()
            raise UsageError("NOT_IN", "动态口令不正确或已用过", "the code is wrong or was used before")
        sessions.end(conn, visitor.session.token_hash, now)
        token, session = _begin(conn, account, passed=True, now=now)
        accounts.note_sign_in(conn, account.id, now)
        actions.record(conn, Action(account.login, "second_factor", "", "done", "", address), now)
        conn.commit()
    return token, session


def visitor_of(hub: Hub, token: str, now: datetime) -> Visitor | None:
    """Who holds this cookie; None where the session is unknown, over or idle too long."""
    with hub.database() as conn:
        session = sessions.find(conn, _hash(token))
        if session is None or session.ended_at is not None or now >= min(session.ends_at, session.seen_at + IDLE):
            return None
        account = accounts.get(conn, session.account_id)
        if account is None or account.disabled_at is not None:
            return None
        sessions.touch(conn, session.token_hash, now)
        conn.commit()
    return Visitor(account, session)


def sign_out(hub: Hub, visitor: Visitor, now: datetime, address: str) -> None:
    """End the session."""
    with hub.database() as conn:
        sessions.end(conn, visitor.session.token_hash, now)
        actions.record(conn, Action(visitor.account.login, "sign_out", "", address=address), now)
        conn.commit()


def confirm_totp(hub: Hub, account: Account, secret: str, code: str, now: datetime, address: str) -> None:
    """Turn the second factor on, once a code proves that the person's program knows the secret.

    Raises:
        UsageError: WRONG_CODE.
    """
    step = totp.step_of(secret, code, now)
    if step is None:
        raise UsageError(
            "WRONG_CODE", "动态口令不正确，请核对手机时间后重试", "the code is wrong; is the phone's clock right?"
        )
    with hub.database() as conn:
        accounts.set_totp(conn, account.id, totp.sealed(secret, hub.settings), now)
        accounts.use_step(conn, account.id, step)
        actions.record(conn, Action(account.login, "totp.enable", account.login, address=address), now)
        conn.commit()


def _why_not(conn: psycopg.Connection, account: Account | None, right: bool, now: datetime) -> str:
    if account is None:
        return "unknown login"
    if account.disabled_at is not None:
        return "disabled"
    if account.locked(now):
        return "locked"
    locked = not right and accounts.note_failure(conn, account.id, now, MOST_FAILURES, LOCK)
    return "wrong password, locked now" if locked else "wrong password"


def _begin(conn: psycopg.Connection, account: Account, *, passed: bool, now: datetime) -> tuple[str, Session]:
    token = secrets.token_urlsafe(32)
    session = Session(_hash(token), account.id, secrets.token_urlsafe(24), passed, now, now, now + LONGEST, None)
    sessions.insert(conn, session)
    return token, session


def _not_in() -> UsageError:
    minutes = int(LOCK.total_seconds() // 60)
    return UsageError(
        "NOT_IN",
        f"登录名或口令不正确，或账号已停用、锁定（连续失败 {MOST_FAILURES} 次锁定 {minutes} 分钟）",
        f"login or password is wrong, or the account is disabled or locked ({MOST_FAILURES} failures lock it for "
        f"{minutes} minutes)",
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
