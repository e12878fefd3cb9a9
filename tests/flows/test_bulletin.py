"""The bulletin of a month on a real warehouse, against numbers counted by hand."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from exchange_hub.cli.main import app, run
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import UsageError
from exchange_hub.core.notices import Act, Actor, Role
from exchange_hub.flows.bulletin import Reader, everything, make_bulletin, parse_month
from exchange_hub.flows.context import Hub
from exchange_hub.flows.decisions import revoke_items
from exchange_hub.flows.ingest import ingest
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from feedback.bulletin import KEYS, Bulletin, Ratio
from feedback.render_bulletin import bulletin_document

pytestmark = pytest.mark.stack

NANYANG, LUOYANG = "12411300MA3DEM035H", "12410300MA3DEM027A"
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
OFFICE = Actor(Role.OPERATOR, "office")
Record = tuple[str, dict[str, str]]
Records = Callable[..., list[Record]]
Write = Callable[..., Path]


def at(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI)


def changed(record: Record, **fields: str) -> Record:
    return record[0], {**record[1], **fields}


def told(hub: Hub, as_of: datetime, month: date = NOVEMBER, platform: str = NANYANG) -> dict[str, Ratio]:
    made = make_bulletin(hub, month, as_of, everything(hub, platforms=[platform]))
    return dict(made.lines[0].this.ratios)


def counts(hub: Hub, as_of: datetime) -> dict[str, int]:
    return dict(make_bulletin(hub, NOVEMBER, as_of, everything(hub, platforms=[NANYANG])).lines[0].this.counts)


@pytest.fixture
def projects(records: Records) -> list[Record]:
    """Ten projects, created on 10 November at eight in the morning."""
    ten = [record for record in records(71, projects=10) if record[0] == "PROJECT"][:10]
    return [changed(r, CREATE_TIME="20261110080000", DATA_TIMESTAMP="20261110083000") for r in ten]


@pytest.fixture
def month(fresh: Hub, projects: list[Record], write: Write) -> Hub:
    """Ten projects sent on the 10th, two of them wrong; one is corrected on the 12th, the other on 2 December."""
    nameless, wrong, *right = projects
    first = [changed(nameless, PROJECT_NAME=""), changed(wrong, PROJECT_CODE="17-digits"), *right]
    ingest(fresh, write("first", first), at(11, 10), channel="cli")
    ingest(fresh, write("second", [nameless]), at(11, 12), channel="cli")
    ingest(fresh, write("third", [wrong]), at(12, 2), channel="cli")
    return fresh


def test_numerators_and_denominators_are_those_counted_by_hand(month: Hub) -> None:
    ratios = told(month, at(11, 11))

    offered = ratios.pop("coverage")
    assert ratios == {
        "completeness": Ratio(9, 10),
        "accuracy": Ratio(9, 10),
        "timeliness": Ratio(8, 8),
        "repair": Ratio(0, 2),
        "first_pass": Ratio(8, 10),
    }
    assert (offered.numerator, offered.denominator > 30) == (1, True)  # PROJECT of all datasets of engineering


def test_what_came_before_the_cut_off_counts_and_what_came_after_does_not(month: Hub) -> None:
    before, end, after = told(month, at(11, 11)), told(month, at(12, 1)), told(month, at(12, 31))

    assert (before["repair"], end["repair"], after["repair"]) == (Ratio(0, 2), Ratio(1, 2), Ratio(2, 2))
    assert (end["completeness"], end["first_pass"]) == (Ratio(10, 11), Ratio(8, 10))
    assert {**after, "repair": end["repair"]} == end  # the batch of December belongs to December


def test_a_bulletin_can_be_made_again_after_everything_was_corrected(
    fresh: Hub, projects: list[Record], write: Write
) -> None:
    nameless, *right = projects
    ingest(fresh, write("first", [changed(nameless, PROJECT_NAME=""), *right]), at(11, 10), channel="cli")
    reader = everything(fresh)
    as_told = bulletin_document(make_bulletin(fresh, NOVEMBER, at(11, 11), reader))

    ingest(fresh, write("second", [nameless]), at(11, 12), channel="cli")
    ingest(fresh, write("third", [changed(right[0], PROJECT_NAME="")]), at(11, 13), channel="cli")

    assert bulletin_document(make_bulletin(fresh, NOVEMBER, at(11, 11), reader)) == as_told
    assert bulletin_document(make_bulletin(fresh, NOVEMBER, at(11, 30), reader)) != as_told


def test_a_rejection_that_the_hub_revoked_is_no_fault_from_that_instant(
    fresh: Hub, projects: list[Record], write: Write
) -> None:
    nameless, *right = projects
    ingest(fresh, write("first", [changed(nameless, PROJECT_NAME=""), *right]), at(11, 10), channel="cli")
    with fresh.database() as conn:
        (number,) = conn.execute("SELECT notice_no FROM audit.notice").fetchone() or ("",)
    revoke_items(fresh, number, [1], Act(OFFICE, at(11, 13), "规则有误"))

    before, after = told(fresh, at(11, 12)), told(fresh, at(11, 14))

    keys = ("completeness", "repair", "first_pass")
    assert [before[key] for key in keys] == [Ratio(9, 10), Ratio(0, 1), Ratio(9, 10)]
    assert [after[key] for key in keys] == [Ratio(10, 10), Ratio(0, 0), Ratio(9, 9)]


def test_a_record_is_in_time_by_its_first_arrival_and_its_contracts_lag(
    fresh: Hub, projects: list[Record], write: Write
) -> None:
    early, exact, late, again = (changed(r, CREATE_TIME=t) for r, t in zip(
        projects, ("20261110080000", "20261109090000", "20261109085959", "20261110080000"), strict=False))  # fmt: skip
    ingest(fresh, write("a", [early, exact, late, changed(again, PROJECT_NAME="")]), at(11, 10), channel="cli")
    ingest(fresh, write("b", [again]), at(11, 20), channel="cli")  # late now, but it first came in time

    assert told(fresh, at(11, 30))["timeliness"] == Ratio(3, 4)


def test_no_data_is_no_rate(fresh: Hub) -> None:
    ratios = told(fresh, at(11, 30))

    assert list(ratios) == list(KEYS)
    assert {ratio.percent for ratio in ratios.values()} == {"无数据"}


def test_a_platform_that_falls_silent_covers_nothing_and_before_its_first_batch_there_is_no_data(month: Hub) -> None:
    made = make_bulletin(month, date(2027, 1, 1), datetime(2027, 1, 31, tzinfo=SHANGHAI), everything(month))

    coverage = {
        f"{m.month:%Y-%m}": m.ratios["coverage"] for line in made.lines if line.code == NANYANG for m in line.months
    }
    assert coverage["2026-10"] == Ratio(0, 0)
    assert coverage["2026-11"].numerator == coverage["2026-12"].numerator == 1
    assert (coverage["2027-01"].numerator, coverage["2027-01"].denominator > 30) == (0, True)


def test_a_refused_package_is_counted_as_a_batch_and_as_an_item_to_repair(
    fresh: Hub, projects: list[Record], write: Write
) -> None:
    folder = write("spoiled", projects)
    (folder / "data" / "PROJECT.jsonl").write_text("{", encoding="utf-8")
    ingest(fresh, folder, at(11, 10), channel="cli")

    assert told(fresh, at(11, 30))["repair"] == Ratio(0, 1)
    assert {k: v for k, v in counts(fresh, at(11, 30)).items() if v} == {
        "batches": 1, "refused": 1, "notices": 1, "items": 1, "overdue": 1
    }  # fmt: skip
    assert counts(fresh, at(11, 11))["overdue"] == 0


def test_a_record_rejected_twice_is_one_item(fresh: Hub, projects: list[Record], write: Write) -> None:
    wrong = changed(projects[0], PROJECT_NAME="")
    ingest(fresh, write("a", [wrong]), at(11, 10), channel="cli")
    ingest(fresh, write("b", [wrong]), at(11, 11), channel="cli")
    assert told(fresh, at(11, 30))["repair"] == Ratio(0, 1)
    assert told(fresh, at(11, 30))["first_pass"] == Ratio(0, 1)

    ingest(fresh, write("c", [projects[0]]), at(11, 12), channel="cli")

    assert told(fresh, at(11, 30))["repair"] == Ratio(1, 1)
    assert told(fresh, at(11, 30))["first_pass"] == Ratio(0, 1)


def test_held_records_count_once_they_are_decided(fresh: Hub, records: Records, write: Write) -> None:
    sample = records(72)
    children = [r for r in sample if r[0] == "TENDER_PROJECT"]
    ingest(fresh, write("children", children), at(11, 25), channel="cli")
    ingest(fresh, write("parents", [r for r in sample if r[0] == "PROJECT"]), at(11, 27), channel="cli")

    before, after = counts(fresh, at(11, 26)), counts(fresh, at(11, 28))

    assert (before["held"], before["accepted"]) == (len(children), 0)
    assert (after["held"], after["accepted"]) == (0, len(children) + 1)
    assert told(fresh, at(11, 26))["completeness"] == Ratio(0, 0)
    assert told(fresh, at(11, 28))["first_pass"] == Ratio(len(children) + 1, len(children) + 1)


def test_the_trend_ends_with_the_month_and_keeps_months_apart(month: Hub) -> None:
    made = make_bulletin(month, DECEMBER, at(12, 31), everything(month, platforms=[NANYANG]))

    months = {f"{m.month:%Y-%m}": m.ratios["accuracy"] for m in made.lines[0].months}
    assert list(months) == ["2026-07", "2026-08", "2026-09", "2026-10", "2026-11", "2026-12"]
    assert (months["2026-10"], months["2026-11"], months["2026-12"]) == (Ratio(0, 0), Ratio(10, 11), Ratio(1, 1))


def test_trades_and_regions_narrow_it(month: Hub) -> None:
    engineering = make_bulletin(month, NOVEMBER, at(12, 1), everything(month, trades=["engineering"]))
    land = make_bulletin(month, NOVEMBER, at(12, 1), everything(month, trades=["land"]))
    elsewhere = make_bulletin(month, NOVEMBER, at(12, 1), everything(month, region="4103"))

    assert engineering.total[-1].ratios["accuracy"] == Ratio(10, 11)
    assert land.total[-1].ratios["accuracy"] == Ratio(0, 0)
    assert [line.code for line in elsewhere.lines] == [LUOYANG]


@pytest.mark.parametrize("text", ["2026-13", "2026", "november", "2026-1", "2026-11-01"])
def test_what_is_no_month_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="2026-11"):
        parse_month(text)


def test_a_month_that_has_not_begun_has_no_bulletin(fresh: Hub) -> None:
    with pytest.raises(UsageError):
        make_bulletin(fresh, NOVEMBER, at(10, 31), everything(fresh))


def test_the_command_prints_one_document_and_writes_both_files(
    month: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert month.settings.database_url is not None
    monkeypatch.setenv("HUB_DATABASE_URL", month.settings.database_url.get_secret_value())
    html, xlsx = tmp_path / "b.html", tmp_path / "b.xlsx"
    asked = ["bulletin", "2026-11", "--as-of", "2026-12-01", "--html", str(html), "--xlsx", str(xlsx)]

    status = run(lambda: app([*asked, "--json"], standalone_mode=False))
    wrong = run(lambda: app(["bulletin", "11/2026"], standalone_mode=False))

    said = capsys.readouterr()
    nanyang = next(line for line in json.loads(said.out)["platforms"] if line["platform_code"] == NANYANG)
    assert (status, wrong) == (0, 2)
    assert nanyang["months"][-1]["measures"]["repair"] == {"numerator": 1, "denominator": 2, "value": 0.5}
    assert "应如 2026-11" in said.err
    assert xlsx.read_bytes()[:2] == b"PK"
    assert "1 / 2" in html.read_text("utf-8")


@pytest.fixture(scope="module")
def busy(hub: Hub, new_database: Callable[..., str], hub_template: str, tmp_path_factory: Any) -> Hub:
    """Two platforms with faulty packages over three weeks, some of them corrected."""
    url = SecretStr(new_database(hub_template))
    made = replace(hub, settings=hub.settings.model_copy(update={"database_url": url}))
    folder = tmp_path_factory.mktemp("busy")
    sent = ((NANYANG, 1, 9.0, 3), (LUOYANG, 2, 6.0, 5), (NANYANG, 1, 0.0, 12))
    for number, (platform, seed, faults, day) in enumerate(sent):
        path = folder / str(number)
        write_package(path, SampleOptions(platform, 1, seed, "jsonl", faults=faults, batch_no=f"busy-{number}"))
        ingest(made, path, at(12, day), channel="cli")
    return made


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    hours=st.integers(0, 20 * 24),
    platforms=st.sets(st.sampled_from([NANYANG, LUOYANG])),
    trades=st.sets(st.sampled_from(["engineering", "subject", "expert", "land"])),
)
def test_totals_are_sums_and_no_numerator_exceeds_its_denominator(
    busy: Hub, hours: int, platforms: set[str], trades: set[str]
) -> None:
    as_of = at(12, 1, 0) + timedelta(hours=hours)
    made = make_bulletin(busy, DECEMBER, as_of, Reader("", tuple(sorted(platforms)), tuple(sorted(trades))))

    assert {line.code for line in made.lines} == platforms
    for key in KEYS:
        ratios = [line.this.ratios[key] for line in made.lines]
        assert all(0 <= ratio.numerator <= ratio.denominator for ratio in ratios)
        if made.lines:
            total = made.total[-1].ratios[key]
            assert total == Ratio(sum(r.numerator for r in ratios), sum(r.denominator for r in ratios))


def test_the_parts_by_trade_add_up_to_what_the_warehouse_says(busy: Hub) -> None:
    as_of = at(12, 31)
    whole = _counts(make_bulletin(busy, DECEMBER, as_of, everything(busy)))
    with busy.database() as conn:
        trades = [row[0] for row in conn.execute("SELECT DISTINCT trade FROM hub.dataset")]
        said = conn.execute(
            "SELECT sum(received), sum(accepted), sum(rejected), sum(held) FROM audit.batch WHERE state = 'loaded'"
        ).fetchone()
    readers = [Reader("", (LUOYANG, NANYANG), (trade,)) for trade in trades]
    parts = [_counts(make_bulletin(busy, DECEMBER, as_of, reader)) for reader in readers]

    assert whole == said
    assert tuple(map(sum, zip(*parts, strict=True))) == whole


def _counts(made: Bulletin) -> tuple[int, ...]:
    this = made.total[-1].counts
    return this["received"], this["accepted"], this["rejected"], this["held"]
