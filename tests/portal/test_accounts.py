"""Accounts: rules of passwords, lock-out, sessions, second factor, reach; who did what is in the book."""

from datetime import datetime, timedelta

import psycopg
import pyotp
import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import UsageError
from exchange_hub.flows import totp
from exchange_hub.flows.accounts import (
    change_password,
    create_account,
    may_manage,
    reach_of,
    reset_account,
    set_enabled,
)
from exchange_hub.flows.context import Hub
from exchange_hub.flows.passwords import must_be_good
from exchange_hub.flows.signin import (
    IDLE,
    LOCK,
    LONGEST,
    MOST_FAILURES,
    PASSWORD_AGE,
    confirm_totp,
    pass_second_factor,
    sign_in,
    visitor_of,
)
from warehouse.accounts import Account, NewAccount

pytestmark = pytest.mark.stack

NANYANG = "12411300MA3DEM035H"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)
GOOD = "Yellow-River-2026"


@pytest.fixture
def person(hub: Hub, request: pytest.FixtureRequest) -> tuple[str, str]:
    """Login and first password of a new account of Nanyang."""
    login = f"u{abs(hash(request.node.name)) % 10**12}"
    return login, create_account(hub, NewAccount(login, "张工", "platform", platform_code=NANYANG), "tests", NOW)


def account_of(hub: Hub, login: str) -> Account:
    from warehouse import accounts

    with hub.database() as conn:
        found = accounts.find(conn, login)
    assert found is not None
    return found


def refused(hub: Hub, login: str, password: str, now: datetime) -> str:
    with pytest.raises(UsageError) as caught:
        sign_in(hub, login, password, now, "10.0.0.1")
    return caught.value.message_zh


@pytest.mark.parametrize(
    "password",
    ["Short-1", "alllowercaseletters", "X" * 129 + "a1-", "Zhang.San-2026x", "Password-2026!", "Aa1-Aa1-Aa1-Aa1-"],
)
def test_a_weak_password_is_told_which_rule_it_breaks(password: str) -> None:
    with pytest.raises(UsageError, match="BAD_PASSWORD"):
        must_be_good(password, "zhang.san")


def test_the_first_password_opens_only_the_change_of_it(hub: Hub, person: tuple[str, str]) -> None:
    token, _ = sign_in(hub, *person, NOW, "10.0.0.1")

    visitor = visitor_of(hub, token, NOW)

    assert visitor is not None
    assert visitor.must_change(NOW)
    change_password(hub, visitor.account, person[1], GOOD, NOW + timedelta(seconds=1))
    assert visitor_of(hub, token, NOW) is None
    again, _ = sign_in(hub, person[0], GOOD, NOW, "10.0.0.1")
    fresh = visitor_of(hub, again, NOW)
    assert fresh is not None
    assert not fresh.must_change(NOW)
    assert fresh.must_change(NOW + PASSWORD_AGE + timedelta(seconds=1))


def test_an_earlier_password_is_not_taken_again(hub: Hub, person: tuple[str, str]) -> None:
    change_password(hub, account_of(hub, person[0]), person[1], GOOD, NOW + timedelta(seconds=1))

    with pytest.raises(UsageError, match="last 5"):
        change_password(hub, account_of(hub, person[0]), GOOD, person[1] + "", NOW + timedelta(seconds=2))


def test_failures_lock_the_account_and_say_the_same_as_for_an_unknown_login(hub: Hub, person: tuple[str, str]) -> None:
    said = {refused(hub, person[0], "wrong", NOW) for _ in range(MOST_FAILURES)}

    said.add(refused(hub, person[0], person[1], NOW + timedelta(minutes=1)))
    said.add(refused(hub, "nobody", "wrong", NOW))

    assert len(said) == 1
    assert sign_in(hub, *person, NOW + LOCK + timedelta(seconds=1), "10.0.0.1")


def test_a_session_ends_when_idle_and_at_the_end_of_the_day(hub: Hub, person: tuple[str, str]) -> None:
    token, _ = sign_in(hub, *person, NOW, "10.0.0.1")

    assert visitor_of(hub, token, NOW + IDLE - timedelta(seconds=1))
    assert visitor_of(hub, token, NOW + 2 * IDLE + timedelta(minutes=1)) is None
    assert visitor_of(hub, token, NOW + LONGEST) is None
    assert visitor_of(hub, "forged" + token, NOW) is None


def test_a_disabled_account_is_out_at_once(hub: Hub, person: tuple[str, str]) -> None:
    token, _ = sign_in(hub, *person, NOW, "10.0.0.1")

    set_enabled(hub, person[0], False, "tests", NOW)

    assert visitor_of(hub, token, NOW) is None
    refused(hub, *person, NOW)


def test_the_second_factor_is_wanted_once_it_is_on_and_no_code_works_twice(hub: Hub, person: tuple[str, str]) -> None:
    secret = totp.new_secret()
    code = pyotp.TOTP(secret).at
    confirm_totp(hub, account_of(hub, person[0]), secret, code(NOW), NOW, "10.0.0.1")
    later = NOW + timedelta(minutes=2)

    token, half = sign_in(hub, *person, later, "10.0.0.1")

    assert not half.passed
    visitor = visitor_of(hub, token, later)
    assert visitor is not None
    with pytest.raises(UsageError, match="NOT_IN"):
        pass_second_factor(hub, visitor, "000000", later, "10.0.0.1")
    _, whole = pass_second_factor(hub, visitor, code(later), later, "10.0.0.1")
    assert whole.passed
    assert visitor_of(hub, token, later) is None
    with pytest.raises(UsageError, match="NOT_IN"):
        pass_second_factor(hub, visitor, code(later), later, "10.0.0.1")


def test_the_secret_of_the_second_factor_is_sealed_at_rest(hub: Hub, person: tuple[str, str]) -> None:
    secret = totp.new_secret()

    confirm_totp(hub, account_of(hub, person[0]), secret, pyotp.TOTP(secret).at(NOW), NOW, "")

    kept = account_of(hub, person[0]).totp_secret
    assert kept is not None
    assert secret.encode() not in kept
    assert totp.opened(kept, hub.settings) == secret
    reset_account(hub, person[0], "tests", NOW + timedelta(seconds=5))
    assert account_of(hub, person[0]).totp_secret is None


def test_an_office_reaches_its_region_and_trades(hub: Hub) -> None:
    def reach(kind: str, region: str | None, *trades: str) -> set[str]:
        new = NewAccount("x1", "某", kind, region=region, trades=trades)
        values = dict.fromkeys(Account.__slots__) | {name: getattr(new, name) for name in NewAccount.__slots__}
        return set(reach_of(Account(**{**values, "trades": list(trades)}), hub.platforms))

    assert reach("office", "411300") == {NANYANG}
    assert reach("office", "411302") == set()
    assert reach("office", "410000") == set(hub.platforms) == reach("hub", None)
    assert reach("office", "410000", "land") == set()


def test_a_unit_administrator_manages_only_the_own_unit(hub: Hub) -> None:
    values = dict.fromkeys(Account.__slots__) | {"kind": "platform", "is_admin": True, "platform_code": NANYANG}
    admin = Account(**values)

    assert may_manage(admin, NewAccount("a1", "某", "platform", platform_code=NANYANG))
    assert not may_manage(admin, NewAccount("a1", "某", "platform", platform_code="12410300MA3DEM027A"))
    assert not may_manage(admin, NewAccount("a1", "某", "hub", is_admin=True))


def test_what_was_done_is_in_the_book_and_cannot_be_rewritten(hub: Hub, person: tuple[str, str]) -> None:
    refused(hub, person[0], "wrong", NOW)

    with hub.database() as conn:
        rows = conn.execute(
            "SELECT action, outcome, reason, address FROM audit.action WHERE actor = %s", (person[0],)
        ).fetchall()
        assert rows == [("sign_in", "refused", "wrong password", "10.0.0.1")]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("DELETE FROM hub.action")
