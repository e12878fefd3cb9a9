"""Shadow validation, readiness and rules on trial: what a change would mean, without touching what is."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.loader import load_release
from contracts.model import DatasetContract, Parent, Release, ReleaseStatus
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import UsageError
from exchange_hub.flows import releases
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import ingest
from exchange_hub.flows.notices import notice_document
from exchange_hub.flows.outlook import list_outlooks
from exchange_hub.flows.readiness import readiness
from exchange_hub.flows.ruletrial import compare_rule
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package

pytestmark = pytest.mark.stack

NANYANG = "12411300MA3DEM035H"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
Put = Callable[..., dict[str, Any]]
Offer = Callable[..., None]


@pytest.fixture
def fresh(new_hub: Callable[[], Hub]) -> Hub:
    return new_hub()


@pytest.fixture
def put(fresh: Hub, tmp_path: Path) -> Put:
    """Ingests a sample package; returns its report."""

    def make(batch_no: str, now: datetime = NOW, **options: Any) -> dict[str, Any]:
        folder = tmp_path / batch_no
        shutil.rmtree(folder, ignore_errors=True)
        write_package(folder, SampleOptions(platform=NANYANG, batch_no=batch_no, **{"seed": 7, **options}))
        return ingest(fresh, folder, now, channel="cli")

    return make


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Offer:
    """Makes releases known to the flows, in the order given."""

    def make(*known: Release) -> None:
        by_version = {release.version: release for release in known}
        monkeypatch.setattr(releases, "load_release", by_version.__getitem__)
        monkeypatch.setattr(releases, "release_versions", lambda: tuple(by_version))

    return make


def now_in_force(**changes: Any) -> Release:
    return replace(load_release("2.0.0"), **changes)


def draft(**changes: Callable[[DatasetContract], DatasetContract | None]) -> Release:
    """Release 3.0.0, a draft: the one in force with some datasets changed, or left out where None comes back."""
    release = load_release("2.0.0")
    datasets = {
        name: changed
        for name, contract in release.datasets.items()
        if (changed := changes.get(name, lambda same: same)(contract)) is not None
    }
    return replace(release, version="3.0.0", status=ReleaseStatus.DRAFT, datasets=datasets)


def short_names(contract: DatasetContract) -> DatasetContract:
    """No section name has only two characters."""
    fields = (replace(f, max_length=2) if f.name == "BID_SECTION_NAME" else f for f in contract.fields)
    return replace(contract, fields=tuple(fields))


def rows(hub: Hub, statement: str) -> list[tuple[Any, ...]]:
    with hub.database() as conn:
        return conn.execute(statement).fetchall()


def sections(report: dict[str, Any]) -> int:
    [found] = [part["accepted"] for part in report["datasets"] if part["dataset"] == "SECTION"]
    return int(found)


def test_a_batch_is_held_against_the_next_release_and_nothing_of_it_is_a_finding(
    fresh: Hub, put: Put, offer: Offer
) -> None:
    offer(now_in_force(), draft(SECTION=short_names))

    report = put("today", projects=2)

    assert (report["verdict"], report["findings"]) == ("accepted", [])
    assert rows(fresh, "SELECT count(*) FROM audit.finding") == [(0,)]
    [outlook] = list_outlooks(fresh, NANYANG)
    assert (outlook["contract_version"], outlook["next_release"]) == ("2.0.0", "3.0.0")
    assert outlook["rejected"] == outlook["newly_rejected"] == sections(report) > 0
    assert outlook["received"] == outlook["passing"] + outlook["rejected"] + outlook["held"]
    assert [(rule["rule_id"], rule["records"]) for rule in outlook["rules"]] == [("VAL-007", sections(report))]
    assert outlook["examples"][0]["field"] == "BID_SECTION_NAME"
    assert rows(fresh, "SELECT rule_id, records FROM audit.outlook_rule") == [("VAL-007", sections(report))]


def test_what_is_rejected_today_is_not_newly_rejected(fresh: Hub, put: Put, offer: Offer) -> None:
    offer(now_in_force(), draft())

    report = put("faulty", projects=2, faults=10.0)

    [outlook] = list_outlooks(fresh, NANYANG)
    assert outlook["rejected"] == report["counts"]["rejected"] > 0
    assert outlook["newly_rejected"] == 0


def test_a_repeat_makes_no_second_outlook(fresh: Hub, put: Put, offer: Offer) -> None:
    offer(now_in_force(), draft())
    put("once")
    before = rows(fresh, "SELECT * FROM hub.outlook")

    put("once", NOW + timedelta(days=1))

    assert len(before) == 1
    assert rows(fresh, "SELECT * FROM hub.outlook") == before


def test_a_dataset_that_the_next_release_drops_is_said_in_the_outlook(fresh: Hub, put: Put, offer: Offer) -> None:
    offer(now_in_force(), draft(SECTION=lambda _: None))

    report = put("dropped")

    [outlook] = list_outlooks(fresh, NANYANG)
    assert outlook["rejected"] == report["counts"]["received"]
    assert "SECTION" in outlook["refusal"]


def test_a_fault_in_the_draft_never_touches_the_batch(
    fresh: Hub, put: Put, offer: Offer, caplog: pytest.LogCaptureFixture
) -> None:
    broken = draft(SECTION=lambda section: replace(section, parents=(Parent("NO_SUCH", "PROJECT", "PROJECT_CODE"),)))
    offer(now_in_force(), broken)

    report = put("ours")

    assert report["verdict"] == "accepted"
    assert list_outlooks(fresh, NANYANG) == []
    assert "outlook of batch ours" in caplog.text


def test_every_stored_record_passes_the_release_it_was_accepted_by(fresh: Hub, put: Put, offer: Offer) -> None:
    offer(now_in_force())
    report = put("stored", projects=2)

    found = readiness(fresh, NANYANG, "2.0.0", NOW)

    assert found["records"] == found["passing"] == report["counts"]["accepted"]
    assert found["rules"] == []


def test_readiness_counts_what_would_pass_and_names_the_rules_that_reject_the_rest(
    fresh: Hub, put: Put, offer: Offer
) -> None:
    offer(now_in_force(), draft(SECTION=short_names, RECORDING=lambda _: None))
    report = put("stored", projects=2)

    found = readiness(fresh, NANYANG, "3.0.0", NOW)

    recordings = sum(part["accepted"] for part in report["datasets"] if part["dataset"] == "RECORDING")
    assert found["records"] == report["counts"]["accepted"] == found["passing"] + found["rejected"] + found["held"]
    assert found["rejected"] == sections(report) + recordings
    assert [(rule["rule_id"], rule["records"]) for rule in found["rules"]] == [("VAL-007", sections(report))]
    assert found["rules"][0]["examples"][0]["dataset"] == "SECTION"
    assert found["unknown_datasets"] == ([{"dataset": "RECORDING", "records": recordings}] if recordings else [])


def test_readiness_counts_the_records_of_several_batches_each_once(fresh: Hub, put: Put, offer: Offer) -> None:
    offer(now_in_force(), draft(SECTION=short_names))
    reports = [put("one", projects=2, seed=501), put("two", projects=2, seed=502)]  # the same files and rows in both

    found = readiness(fresh, NANYANG, "3.0.0", NOW)

    assert found["rejected"] == sum(map(sections, reports))
    assert [(rule["rule_id"], rule["records"]) for rule in found["rules"]] == [("VAL-007", found["rejected"])]


def test_readiness_counts_current_records_of_this_platform_only(fresh: Hub, put: Put, offer: Offer) -> None:
    offer(now_in_force())
    put("stored")

    assert readiness(fresh, "12410100MA3DEM0195", "2.0.0", NOW)["records"] == 0


@pytest.mark.parametrize(("platform", "version"), [("0" * 18, "2.0.0"), (NANYANG, "9.9.9")])
def test_readiness_of_what_does_not_exist_is_wrong_usage(fresh: Hub, platform: str, version: str) -> None:
    with pytest.raises(UsageError):
        readiness(fresh, platform, version, NOW)


CANDIDATE = '''"""A rule on trial: a section name of more than {limit} characters."""

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, on_name
from validators.samples import text_field

RULE = Rule(
    id="{id}",
    version=2,
    stage=Stage.VALUES,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{{label}}过长",
    message_en="{{field}} is too long",
    expected_zh="应缩短",
    legal_source="logic",
    fields=on_name("BID_SECTION_NAME"),
    passes=lambda sight: sight.text().str.len_chars() <= {limit},
    sample_field=text_field("BID_SECTION_NAME"),
    passing=({{"value": "一"}},),
    failing=({{"value": "长" * 600}},),
)
'''


def candidate(folder: Path, **changes: Any) -> Path:
    path = folder / "candidate.py"
    path.write_text(CANDIDATE.format(**{"id": "VAL-901", "limit": 2, **changes}), "utf-8")
    return path


def test_a_new_rule_on_trial_lists_who_would_newly_be_rejected(fresh: Hub, put: Put, tmp_path: Path) -> None:
    report = put("stored", projects=2)

    found = compare_rule(fresh, candidate(tmp_path))

    assert (found["rule_id"], found["old_version"], found["new_version"]) == ("VAL-901", None, 2)
    [platform] = found["platforms"]
    assert (platform["platform_code"], platform["batches"]) == (NANYANG, 1)
    assert platform["records"] == report["counts"]["received"]
    assert platform["newly_rejected"] == len(platform["listed"]) == sections(report)
    assert {row["batch_no"] for row in platform["listed"]} == {"stored"}
    assert rows(fresh, "SELECT count(*) FROM audit.finding") == [(0,)]


def test_a_changed_rule_stands_in_for_the_one_of_its_id(fresh: Hub, put: Put, tmp_path: Path) -> None:
    """PRS-001 (a required field is empty) on trial as something that looks at section names only."""
    report = put("faulty", projects=3, faults=10.0, fault_names=("required_missing",))
    rejected = report["counts"]["rejected"]

    [platform] = compare_rule(fresh, candidate(tmp_path, id="PRS-001", limit=500))["platforms"]

    assert rejected > 0
    assert (platform["newly_rejected"], platform["newly_accepted"]) == (0, rejected)
    assert platform["findings_old"] > platform["findings_new"] == 0


def test_a_trial_looks_at_the_platform_and_time_asked_for(fresh: Hub, put: Put, tmp_path: Path) -> None:
    put("stored")

    assert compare_rule(fresh, candidate(tmp_path), "12410100MA3DEM0195")["platforms"] == []
    assert compare_rule(fresh, candidate(tmp_path), since=NOW + timedelta(seconds=1))["platforms"] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "no such file"),
        ("x = 1", "defines no RULE"),
        ("import nothing_like_this", "does not run"),
        (CANDIDATE.format(id="VAL-901", limit=900), "does not behave as its own example says"),
    ],
)
def test_a_candidate_that_cannot_be_used_is_wrong_usage(
    fresh: Hub, tmp_path: Path, text: str | None, words: str
) -> None:
    path = tmp_path / "candidate.py"
    if text is not None:
        path.write_text(text, "utf-8")

    with pytest.raises(UsageError, match=words):
        compare_rule(fresh, path)


def test_a_deprecated_release_is_pointed_out_on_report_and_notice(fresh: Hub, put: Put, offer: Offer) -> None:
    offer(now_in_force(deprecated_from=date(2026, 7, 1), retired_from=date(2027, 1, 1), successor="2.1.0"))

    report = put("ageing", projects=2, faults=10.0)

    [reminder] = report["reminders"]
    assert "2027-01-01" in reminder
    assert "2.1.0" in reminder
    assert notice_document(fresh, report["notice_no"])[1]["reminders"] == [reminder]


def test_a_retired_release_is_refused_with_a_notice_that_names_the_successor(
    fresh: Hub, put: Put, offer: Offer
) -> None:
    offer(now_in_force(retired_from=date(2026, 7, 1), successor="2.1.0"))

    report = put("too-late")

    assert (report["verdict"], report["refusal"]["code"]) == ("refused", "RETIRED_CONTRACT")
    assert "2.1.0" in notice_document(fresh, report["notice_no"])[1]["refusal"]["message_zh"]
    assert rows(fresh, "SELECT count(*) FROM audit.record") == [(0,)]
