"""Who sees what: every role against every view, by real logins."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import UsageError
from exchange_hub.core.platforms import Channel, Platform
from warehouse import access, querylog
from warehouse.access import Group, Scope
from warehouse.connection import connect
from warehouse.loader import load
from warehouse.platforms import record_platforms
from warehouse.questions import LOOKED, ask

pytestmark = pytest.mark.stack
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
OURS, THEIRS = "91410100MA00000000", "91410300MA00000009"
MARK = "外区机密"  # stands in every record and text of the other region
PERSON = "411023199001010015"
DIGEST = "0123456789abcdef"  # of a business code with personal parts
FAR = datetime(2999, 1, 1, tzinfo=SHANGHAI)


def platform(code: str, short: str, region: str) -> Platform:
    nowhere = Channel("none", None)
    return Platform(
        code, short, f"{region}中心", "centre", region, ("engineering",), "2.0.0", nowhere, nowhere, 60, 60, ""
    )


@dataclass
class World:
    """A warehouse with two regions, and logins of region 410100 only."""

    url: str
    owner: psycopg.Connection
    logins: dict[Group, str] = field(default_factory=dict)

    def ask(self, login: str, statement: str) -> list[tuple[Any, ...]]:
        with self.session(login) as conn:
            return conn.execute(statement.encode()).fetchall()

    def session(self, login: str) -> psycopg.Connection:
        return psycopg.connect(self.url.replace("//hub@", f"//{login}@"), autocommit=True)


@pytest.fixture(scope="module")
def world(new_database: Callable[..., str], hub_template: str, make_for: Callable[..., Any]) -> Iterator[World]:
    url = new_database(hub_template)
    with connect(url) as conn:
        make = make_for(conn)
        access.close_database(conn)
        for statement in access.closing_statements("hub"):
            conn.execute(statement)
        record_platforms(conn, [platform(OURS, "41010001", "410100"), platform(THEIRS, "41030001", "410300")], NOON)
        for number, (sender, mark) in enumerate(((OURS, "本区"), (THEIRS, MARK))):
            fill(conn, make, sender, mark, number)
        world = World(url, conn)
        number = url.rsplit("_", 1)[1]
        for group in Group:
            login = f"t{number}_{group.value}"
            access.make_login(conn, login, group, "secret")
            scope = Scope("410100", "engineering", OURS if group is Group.PLATFORM else None)
            access.grant_scope(conn, login, scope, "测试", NOON)
            world.logins[group] = login
            conn.execute(
                "INSERT INTO hub.query_log (at, login, session, line, client, application, statement)"
                " VALUES (%s, %s, %s, 1, '', '', %s)",
                (NOON, login, login, f"SELECT * FROM exchange.quali_person_base WHERE id_card = '{PERSON}'"),
            )
        conn.commit()
        yield world


def fill(conn: psycopg.Connection, make: Any, sender: str, mark: str, number: int) -> None:
    """Records of every kind of one platform; all texts carry the mark."""
    batch = make.batch(platform_code=sender, batch_no=f"{mark}-1")
    code = f"E{mark}{number}"
    project = {"DATA_KEY": f"{mark}P", "PROJECT_CODE": code, "PROJECT_NAME": mark}
    tender = {"DATA_KEY": f"{mark}T", "TENDER_PROJECT_CODE": code, "PROJECT_CODE": code}
    bidder = {"DATA_KEY": f"{mark}L", "TENDER_PROJECT_CODE": code, "BID_SECTION_CODE": code, "BIDDER_NAME": mark}
    expert = {"DATA_KEY": f"{mark}E", "ID_CARD": PERSON, "EXPERT_NAME": mark}
    recording = {"DATA_KEY": f"{mark}R", "RECORDING_CODE": mark, "TENDER_PROJECT_CODE": code, "URL": mark}
    sent = {"DATA_KEY": f"{mark}X", "PROJECT_NAME": mark, "LEGAL_CODE": PERSON, "UNKNOWN_COLUMN": PERSON}
    known = [
        make.result(
            *("PROJECT", [make.known("PROJECT", project)], [sent], [{**sent, "DATA_KEY": f"{mark}H"}]),
            waits=("QUALI_PERSON_BASE", "ID_CARD", PERSON),
        ),
        *(
            make.result(name, [make.known(name, row)])
            for name, row in (
                ("TENDER_PROJECT", tender),
                ("TENDER_LIST", bidder),
                ("BID_EVALUATION_EXPERT", expert),
                ("RECORDING", recording),
            )
        ),
    ]
    finding = {"data_key": f"{mark}X", "message_zh": mark, "value": "411*************15"}
    loaded = load(conn, batch, make.validation(*known, findings=[finding]), NOON)
    conn.execute(
        "INSERT INTO hub.notice (notice_no, platform_code, platform_name_zh, batch_id, load_id, batch_no,"
        " contract_version, items, received, accepted, rejected, held, flagged, reminders, issued_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, '2.0.0', 1, 1, 0, 1, 0, 0, '{}', %s)",
        (f"FK-{mark}", sender, mark, batch.id, loaded.load_id, batch.batch_no, NOON),
    )
    conn.execute(
        'INSERT INTO hub.notice_item (notice_no, item_no, dataset, data_key, natural_key, label, file, "row", findings)'
        " VALUES (%s, 1, 'PROJECT', %s, %s, %s, 'data/PROJECT.csv', 101, '[]')",
        (f"FK-{mark}", f"{mark}X", f"411*************15|#{DIGEST}", mark),
    )
    conn.execute(
        "INSERT INTO hub.notice_event (notice_no, to_state, actor, reason, at) VALUES (%s, 'issued', 'hub', %s, %s)",
        (f"FK-{mark}", mark, NOON),
    )
    conn.execute(
        "INSERT INTO hub.action (at, actor, action, object, outcome, reason, address)"
        " VALUES (%s, %s, 'look', %s, 'done', %s, '')",
        (NOON, mark, mark, f"查 {PERSON}"),
    )


def views(world: World) -> list[str]:
    rows = world.owner.execute(
        "SELECT schemaname || '.' || viewname FROM pg_views WHERE schemaname IN ('audit', 'exchange') ORDER BY 1"
    )
    return [row[0] for row in rows.fetchall()]


def columns(world: World, view: str) -> list[str]:
    found = world.owner.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema || '.' || table_name = %s", (view,)
    )
    return [row[0] for row in found.fetchall()]


def allowed(world: World, login: str, view: str) -> bool:
    row = world.owner.execute("SELECT has_table_privilege(%s, %s, 'SELECT')", (login, view)).fetchone()
    return row == (True,)


def everything(world: World, login: str) -> dict[str, list[str]]:
    """All that a login can read, by view; the views that it may not read refuse it."""
    found = {}
    with world.session(login) as conn:
        for view in views(world):
            if allowed(world, login, view):
                rows = conn.execute(f"SELECT v::text || to_jsonb(v)::text FROM {view} v".encode()).fetchall()
                found[view] = [str(row) for row in rows]
                continue
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(f"SELECT * FROM {view}".encode())
    return found


@pytest.mark.parametrize("group", Group)
def test_no_view_shows_a_login_another_region_or_a_person(world: World, group: Group) -> None:
    shown = everything(world, world.logins[group])

    for view, rows in shown.items():
        for secret in (MARK, THEIRS, PERSON, DIGEST):
            assert secret not in "".join(rows), view
    assert sum(map(len, shown.values())) > 5


def test_who_sees_every_region_sees_no_person_either(world: World) -> None:
    login = f"{world.logins[Group.AUDITOR]}_all"
    access.make_login(world.owner, login, Group.AUDITOR, "secret")
    access.grant_scope(world.owner, login, Scope(), "全国", NOON)
    world.owner.commit()

    shown = everything(world, login)

    for view, rows in shown.items():
        for secret in (PERSON, DIGEST):
            assert secret not in "".join(rows), view
    for view in ("held", "notice_item", "action", "query_log"):
        assert MARK in "".join(shown[f"audit.{view}"]) or view == "query_log"
        assert "411*************15" in "".join(shown[f"audit.{view}"]), view


@pytest.mark.parametrize("group", [Group.AUDITOR, Group.PLATFORM])
def test_no_error_tells_a_login_what_it_may_not_see(world: World, group: Group) -> None:
    """A cast that fails quotes the value: none may be tried on rows outside the scope."""
    login = world.logins[group]
    with world.session(login) as conn:
        for view in views(world):
            if not allowed(world, login, view):
                continue
            for column in columns(world, view):
                said = complaint(conn, f"SELECT count(*) FROM {view} WHERE ({column}::text)::integer = 0")
                assert MARK not in said, (view, column)
                assert THEIRS not in said, (view, column)


def complaint(conn: psycopg.Connection, statement: str) -> str:
    """What the server says against a statement; nothing where it runs."""
    try:
        conn.execute(statement.encode())
    except psycopg.Error as error:
        return str(error)
    return ""


def test_the_scope_shows_its_own_region_in_every_kind_of_view(world: World) -> None:
    auditor = world.logins[Group.AUDITOR]

    for view in ("batch", "record", "finding", "quarantine", "held", "notice", "notice_item", "load", "recording"):
        [(count,)] = world.ask(auditor, f"SELECT count(*) FROM audit.{view}")
        assert count > 0, view
    assert world.ask(auditor, "SELECT count(*) FROM exchange.project") == [(1,)]
    told = world.ask(auditor, "SELECT DISTINCT dataset FROM audit.project_timeline")
    assert {"PROJECT", "TENDER_PROJECT", "TENDER_LIST", "RECORDING"} <= {name for (name,) in told}


@pytest.mark.parametrize("group", Group)
def test_the_functions_say_what_the_views_say_to_the_same_login(world: World, group: Group) -> None:
    by_key = "SELECT DISTINCT dataset, data_key FROM audit.record"
    by_code = "SELECT DISTINCT tender_project_code FROM audit.project_timeline WHERE tender_project_code IS NOT NULL"
    pairs = [
        (f"({by_key}) k CROSS JOIN LATERAL audit.record_of(k.dataset, k.data_key) r", "audit.record r"),
        (
            f"({by_code}) k CROSS JOIN LATERAL audit.timeline_of(k.tender_project_code) r",
            "audit.project_timeline r WHERE r.tender_project_code IS NOT NULL",
        ),
    ]
    keys = world.owner.execute(by_key.encode()).fetchall()
    codes = world.owner.execute(by_code.encode()).fetchall()

    with world.session(world.logins[group]) as conn:
        told = [sorted(conn.execute(f"SELECT r::text FROM {f}".encode()).fetchall()) for f, _ in pairs]
        shown = [sorted(conn.execute(f"SELECT r::text FROM {v}".encode()).fetchall()) for _, v in pairs]
        every = [
            *(conn.execute("SELECT r::text FROM audit.record_of(%s, %s) r", key).fetchall() for key in keys),
            *(conn.execute("SELECT r::text FROM audit.timeline_of(%s) r", code).fetchall() for code in codes),
        ]

    assert told == shown
    assert all(told)
    assert MARK not in str(every)
    assert sum(map(len, every)) == sum(map(len, shown))


def test_a_login_without_a_scope_or_with_a_revoked_one_sees_nothing(world: World) -> None:
    login = f"{world.logins[Group.AUDITOR]}_new"
    access.make_login(world.owner, login, Group.AUDITOR, "secret")
    world.owner.commit()
    nothing = world.ask(login, "SELECT count(*) FROM audit.record")
    access.grant_scope(world.owner, login, Scope("410000"), "全省", NOON, FAR)
    world.owner.commit()
    province = world.ask(login, "SELECT count(DISTINCT platform_code) FROM audit.record")
    access.revoke(world.owner, login, "调岗", NOON)
    world.owner.commit()

    assert nothing == [(0,)]
    assert province == [(2,)]
    assert world.ask(login, "SELECT count(*) FROM audit.record") == [(0,)]
    assert ("调岗",) in world.owner.execute("SELECT revoke_reason FROM audit.access_grant").fetchall()


def test_another_trade_is_not_seen(world: World) -> None:
    login = f"{world.logins[Group.SUPERVISOR]}_land"
    access.make_login(world.owner, login, Group.SUPERVISOR, "secret")
    access.grant_scope(world.owner, login, Scope("410100", "land"), "土地", NOON)
    world.owner.commit()

    assert world.ask(login, "SELECT count(*) FROM audit.record") == [(0,)]
    assert world.ask(login, "SELECT count(*) FROM audit.finding") == [(0,)]


def test_personal_values_are_shown_for_a_reason_and_a_time_and_on_record(world: World) -> None:
    login = f"{world.logins[Group.AUDITOR]}_p"
    access.make_login(world.owner, login, Group.AUDITOR, "secret")
    access.grant_scope(world.owner, login, Scope("410100"), "测试", NOON)
    world.owner.commit()
    question = "SELECT id_card FROM exchange.bid_evaluation_expert"
    masked = world.ask(login, question)

    access.grant_personal(world.owner, login, "核查围标线索 2026-17", NOON, FAR)
    world.owner.commit()
    shown = world.ask(login, question)
    access.revoke(world.owner, login, "核查结束", NOON, personal_only=True)
    world.owner.commit()

    assert masked == [("411*************15",)]
    assert shown == [(PERSON,)]
    assert world.ask(login, question) == masked
    assert world.ask(login, "SELECT kind, reason FROM audit.access_grant ORDER BY kind") == [
        ("personal", "核查围标线索 2026-17"),
        ("scope", "测试"),
    ]


def test_a_grant_of_personal_values_ends_by_itself(world: World) -> None:
    login = f"{world.logins[Group.AUDITOR]}_q"
    access.make_login(world.owner, login, Group.AUDITOR, "secret")
    access.grant_scope(world.owner, login, Scope("410100"), "测试", NOON)
    long_ago = datetime(2020, 1, 1, tzinfo=SHANGHAI)
    access.grant_personal(world.owner, login, "已过期", long_ago, long_ago + timedelta(days=1))
    world.owner.commit()

    assert world.ask(login, "SELECT id_card FROM exchange.bid_evaluation_expert") == [("411*************15",)]


@pytest.mark.parametrize("group", [Group.ENGINEER, Group.PLATFORM])
def test_engineers_and_platforms_never_get_personal_values(world: World, group: Group) -> None:
    with pytest.raises(UsageError):
        access.grant_personal(world.owner, world.logins[group], "想看看", NOON, FAR)


@pytest.mark.parametrize("group", Group)
def test_nobody_but_the_owner_writes(world: World, group: Group) -> None:
    login = world.logins[group]
    everything = world.owner.execute(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname IN ('hub', 'audit', 'exchange') AND c.relkind IN ('r', 'v', 'p', 'm')"
    ).fetchall()
    refused = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)

    with world.session(login) as conn:
        conn.execute("SET default_transaction_read_only = off")
        for (name,) in everything:
            for statement in (f"DELETE FROM {name}", f"INSERT INTO {name} DEFAULT VALUES", f"TRUNCATE {name}"):
                with pytest.raises((*refused, psycopg.errors.WrongObjectType, psycopg.errors.FeatureNotSupported)):
                    conn.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TEMPORARY TABLE mine (n integer)",
        "CREATE TABLE audit.mine (n integer)",
        "CREATE FUNCTION audit.leak(text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "SELECT lo_create(0)",
        "SELECT pg_sleep(0)",
        "SELECT pg_advisory_xact_lock(1)",
        "SET ROLE hub",
        "SET log_statement = 'none'",
        "SELECT hub.sees_personal()",
        "SELECT * FROM hub.wh_project",
        "SELECT * FROM hub.account",
    ],
)
def test_a_reader_can_do_nothing_else(world: World, statement: str) -> None:
    with world.session(world.logins[Group.AUDITOR]) as conn:
        conn.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(statement.encode())


def test_a_role_that_is_not_ours_is_not_taken_over(world: World) -> None:
    with pytest.raises(UsageError):
        access.make_login(world.owner, "hub", Group.AUDITOR, "secret")
    world.owner.rollback()


def test_what_a_login_asks_is_on_record_once(world: World) -> None:
    login = world.logins[Group.SUPERVISOR]
    world.ask(login, "SELECT count(*) FROM audit.notice /* who looks */")
    files = querylog.log_files(world.owner)

    first = querylog.take_over(world.owner, files)
    again = querylog.take_over(world.owner, files)
    world.owner.commit()

    assert first > 0
    assert again == 0
    said = [row["statement"] for row in ask(world.owner, LOOKED, login=login, since=None, limit=1000)]
    assert "SELECT count(*) FROM audit.notice /* who looks */" in said
    seen_by_others = world.ask(world.logins[Group.OFFICE], "SELECT DISTINCT login FROM audit.query_log")
    assert seen_by_others in ([], [(world.logins[Group.OFFICE],)])


def test_logs_of_another_zone_or_unfinished_lines_do_no_harm(world: World, tmp_path: Path) -> None:
    log = tmp_path / "x.json"
    log.write_text('{"timestamp": "2026-11-23 10:00:00.000 CST", "user": "somebody"}\n{"timesta', "utf-8")

    assert querylog.take_over(world.owner, [log]) == 0
