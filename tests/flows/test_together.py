"""Packages that go together end exactly as if each had gone alone, whatever they bring."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.flows import groups, outlook, outlooks, validate
from exchange_hub.flows.context import Hub
from exchange_hub.flows.groups import Walk
from exchange_hub.flows.ingest import carry_on
from exchange_hub.flows.receive import BatchRef, receive
from warehouse.verification import verify

pytestmark = pytest.mark.stack

NANYANG = "12411300MA3DEM035H"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
Record = tuple[str, dict[str, str]]
Records = Callable[..., list[Record]]
Write = Callable[[str, Sequence[Record]], Path]
DATASETS = ("PROJECT", "TENDER_PROJECT", "SECTION", "TENDER_ANN_QUA_INQUERY_ANN", "TENDER_LIST")
SAID = {
    "batches": "SELECT batch_no, verdict, received, accepted, rejected, held, flagged, reported_held FROM audit.batch"
    " ORDER BY received_at, batch_no",
    "records": "SELECT dataset, data_key, version_no, operation, batch_no, source_file, source_row, record_hash,"
    " is_current FROM audit.record ORDER BY 1, 2, 3",
    "findings": "SELECT batch_no, dataset, data_key, source_file, source_row, field, rule_id, severity, message_zh,"
    " found_by FROM audit.finding ORDER BY 1, 2, 3, 4, 5, 6, 7, 9",
    "notices": "SELECT n.notice_no, n.batch_no, n.items, i.dataset, i.data_key, i.state, i.corrected_batch_no"
    " FROM audit.notice n LEFT JOIN audit.notice_item i USING (notice_no) ORDER BY 1, 4, 5",
    "held": "SELECT batch_no, dataset, data_key, state, waits_for::text FROM audit.held ORDER BY 1, 2, 3",
    "reports": "SELECT batch_no, report::text FROM hub.batch ORDER BY 1",
    "loads": "SELECT b.batch_no, l.kind, l.accepted, l.rejected, l.held, l.flagged FROM hub.load l JOIN hub.batch b"
    " ON b.id = l.batch_id ORDER BY l.id",
    "runs": "SELECT b.batch_no, r.scopes, r.opened, r.closed, r.flagged FROM hub.cross_run r JOIN hub.load l"
    " ON l.id = r.load_id JOIN hub.batch b ON b.id = l.batch_id ORDER BY l.id",
}
KINDS = ("whole", "whole", "whole", "parents", "children", "update", "delete", "again", "faulty", "unknown", "refused")


def said(hub: Hub) -> dict[str, list[tuple[Any, ...]]]:
    with hub.database() as conn:
        assert verify(conn).ok
        return {name: conn.execute(statement).fetchall() for name, statement in SAID.items()}


def changed(records: Sequence[Record], **fields: str) -> list[Record]:
    return [(name, {**known, **fields}) for name, known in records]


def brought(kind: str, project: list[Record]) -> list[Record]:
    other_key = f"{project[0][1]['DATA_KEY'][:-2]}zz"
    return {
        "parents": project[:2],
        "children": project[2:],
        "update": changed(project[:1], DATA_TYPE="2", PROJECT_NAME="改名"),
        "delete": changed(project[:1], DATA_TYPE="3"),
        "again": changed(project[:1], DATA_KEY=other_key),
        "faulty": changed(project[:3], CREATE_TIME="someday", PROJECT_NAME=""),
        "unknown": changed(project[:1], ODD="1"),
    }.get(kind, project)


def alone(hub: Hub, packages: Sequence[Path]) -> None:
    refs = [receive(hub, package, NOW, channel="cli").ref for package in packages]
    for ref in refs:
        with suppress(RuntimeError):
            carry_on(hub, ref, NOW)


def grouped(hub: Hub, packages: Sequence[Path]) -> list[tuple[BatchRef, dict[str, Any]]]:
    offer = {"name": "a.zip", "size": 1, "stamp": ""}
    members = [
        {"offer": offer, "batch": receive(hub, package, NOW, channel="cli").ref.as_dict(), "failed": ""}
        for package in packages
    ]
    group = {"label": "", "platform": NANYANG, "packages": [*members, {**members[0], "failed": "stands for another"}]}
    for stage in ("validate", "load"):
        walk = Walk(hub, stage, group, NOW)
        groups.STAGES[stage](walk)
        group = {**group, "packages": walk.packages}
    return [(BatchRef(**package["batch"]), package) for package in walk.going()]


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_group_ends_as_its_packages_would_alone(
    new_hub: Callable[[], Hub], records: Records, write: Write, monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    projects = [[one for one in records(seed, projects=1) if one[0] in DATASETS] for seed in (5, 6, 7)]
    drawn = data.draw(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 2)), min_size=2, max_size=5))
    packages = []
    for number, (kind, which) in enumerate(drawn):
        packages.append(write(f"no-{number}", brought(kind, projects[which])))
        if kind == "refused":
            next((packages[-1] / "data").iterdir()).write_text("{", "utf-8")
            manifest = json.loads((packages[-1] / "manifest.json").read_text("utf-8"))
            assert manifest["batch_no"] == f"no-{number}"
    poisoned = data.draw(st.sets(st.integers(0, len(drawn) - 1), max_size=1))
    original = validate.read_batch

    def read_batch(package: Any, *rest: Any) -> Any:
        if package.manifest.batch_no in {f"no-{number}" for number in poisoned}:
            raise RuntimeError("our own fault")
        return original(package, *rest)

    one, many = new_hub(), new_hub()
    with monkeypatch.context() as patch:
        patch.setattr(validate, "read_batch", read_batch)
        alone(one, packages)
        grouped(many, packages)
    assert said(many) == said(one)

    alone(one, packages)  # what failed by our own fault is tried again
    grouped(many, packages)
    assert said(many) == said(one)


def test_packages_that_do_not_meet_are_loaded_in_one_go(
    fresh: Hub, records: Records, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    projects = [[one for one in records(seed) if one[0] in DATASETS] for seed in (5, 6, 7)]
    packages = [write(f"no-{number}", project) for number, project in enumerate(projects)]
    sizes: list[int] = []
    original = groups.load_run

    def counted(hub: Hub, rows: Any, *rest: Any) -> Any:
        sizes.append(len(rows))
        return original(hub, rows, *rest)

    monkeypatch.setattr(groups, "load_run", counted)
    grouped(fresh, packages)

    assert sizes == [3]
    assert [row[1] for row in said(fresh)["batches"]] == ["accepted"] * 3


def test_outlooks_of_a_group_are_those_of_its_packages_and_nothing_is_read_a_second_time(
    new_hub: Callable[[], Hub], records: Records, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    projects = [[one for one in records(seed) if one[0] in DATASETS] for seed in (5, 6, 7)]
    nameless = changed(projects[1][:1], PROJECT_NAME="")
    sent = (projects[0], nameless + projects[1][1:], brought("parents", projects[2]))
    packages = [write(f"no-{number}", records_of) for number, records_of in enumerate(sent)]
    one, many = new_hub(), new_hub()
    alone(one, packages)

    refs = grouped(many, packages)
    with monkeypatch.context() as patch:
        for module in (outlook, outlooks):  # reading again would fail
            patch.delattr(module, "read_stored")
        outlooks.look_ahead_all(many, [ref for ref, _ in refs], NOW, groups.carried_in([each for _, each in refs]))

    assert looked(many) == looked(one)
    assert [(row[0], row[4] > 0) for row in looked(many)] == [("no-0", False), ("no-1", True), ("no-2", False)]


def looked(hub: Hub) -> list[tuple[Any, ...]]:
    with hub.database() as conn:
        return conn.execute(
            "SELECT b.batch_no, o.release, o.received, o.passing, o.rejected, o.held, o.newly_rejected, o.rules::text,"
            " o.examples::text, o.refusal FROM hub.outlook o JOIN hub.batch b ON b.id = o.batch_id ORDER BY 1"
        ).fetchall()


def test_packages_whose_ground_has_changed_are_validated_again_and_still_loaded_in_one_go(
    new_hub: Callable[[], Hub], records: Records, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    projects = [[one for one in records(seed) if one[0] in DATASETS] for seed in (5, 6)]
    between = write("between", [(projects[0][0][0], {**projects[0][0][1], "PROJECT_NAME": "先到"})])
    packages = [write(f"no-{number}", project) for number, project in enumerate(projects)]
    one, many = new_hub(), new_hub()

    for hub in (one, many):
        refs = [receive(hub, package, NOW, channel="cli").ref for package in (between, *packages)]
        members = [{"offer": {"name": ""}, "batch": ref.as_dict(), "failed": ""} for ref in refs[1:]]
        walk = Walk(hub, "validate", {"platform": NANYANG, "packages": members}, NOW)
        if hub is many:
            groups.STAGES["validate"](walk)
        carry_on(hub, refs[0], NOW)
        if hub is many:
            with monkeypatch.context() as patch:
                patch.delattr(groups, "load_batch")  # loading one alone would fail
                groups.STAGES["load"](walk)
                assert not [package for package in walk.packages if package["failed"]]
        for ref in refs[1:]:
            carry_on(hub, ref, NOW)

    assert said(many) == said(one)
    assert [row[4] for row in said(many)["batches"]] == [0, 1, 0]
