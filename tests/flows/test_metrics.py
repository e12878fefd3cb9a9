"""The numbers of the monitoring on a real warehouse."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from exchange_hub.core.breaker import Health
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.notices import Notice
from exchange_hub.flows.audit import note_verification
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import ingest
from exchange_hub.flows.metrics import metrics_text
from warehouse import channels
from warehouse.differences import Fault, VerifyResult, difference
from warehouse.watching import add_stage_time

pytestmark = pytest.mark.stack

NANYANG = "12411300MA3DEM035H"
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=SHANGHAI)
Samples = dict[tuple[str, tuple[str, ...]], float]  # (name, values of the labels in the order of their names)


def seen(hub: Hub, now: datetime = NOW) -> Samples:
    text = metrics_text(hub, now).decode()
    return {
        (sample.name.removeprefix("exchange_hub_"), tuple(value for _, value in sorted(sample.labels.items()))): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_batches_and_records_are_counted_by_platform_and_outcome(
    fresh: Hub, records: Callable[..., list[Any]], write: Callable[..., Path]
) -> None:
    good, *rest = [record for record in records(91, projects=3) if record[0] == "PROJECT"]
    ingest(fresh, write("a", [good, (rest[0][0], {**rest[0][1], "PROJECT_NAME": ""})]), NOW, channel="cli")
    ingest(fresh, write("b", [rest[1]], platform="9" * 18), NOW, channel="cli")  # a stranger

    samples = seen(fresh)

    assert samples["batches_total", (NANYANG, "partially_accepted")] == 1
    assert samples["batches_total", ("other", "refused")] == 1
    assert samples["records_total", ("accepted", NANYANG)] == 1
    assert samples["records_total", ("rejected", NANYANG)] == 1
    assert samples["last_arrival_timestamp_seconds", (NANYANG,)] == NOW.timestamp()
    assert samples["batches_under_way", ()] == samples["oldest_unvalidated_batch_age_seconds", ()] == 0
    assert not any("9" * 18 in labels for _, labels in samples)


def test_a_batch_under_way_shows_its_age(fresh: Hub, put_notice: Callable[..., Notice]) -> None:
    put_notice(NOW - timedelta(hours=2))  # its batch is received and never settled

    samples = seen(fresh)

    assert samples["batches_under_way", ()] == 1
    assert samples["oldest_unvalidated_batch_age_seconds", ()] == 7200


def test_deadlines_near_and_past_are_counted(fresh: Hub, put_notice: Callable[..., Notice]) -> None:
    number = put_notice(NOW).notice_no
    with fresh.database() as conn:
        conn.execute(
            "INSERT INTO hub.notice_deadline VALUES (%s, 1, %s, '2026-12-02', '2026-12-03T00:00:00+08:00', '{}', false,"
            " 'c', 'p', 'e', 'r', %s)",
            (number, NOW, NOW),
        )
        conn.commit()

    def told(day: int) -> tuple[float, float]:
        samples = seen(fresh, datetime(2026, 12, day, 12, tzinfo=SHANGHAI))
        return samples["notices_due_within_a_day", ()], samples["notices_overdue", ()]

    assert (told(1), told(2), told(3)) == ((0, 0), (1, 0), (0, 1))
    assert seen(fresh)["notice_deliveries", ("waiting",)] == 1


def test_stage_times_add_up_to_a_histogram(fresh: Hub) -> None:
    with fresh.database() as conn:
        for seconds, packages in ((0.05, 1), (0.1, 20), (4.0, 1), (9_999.0, 1)):
            add_stage_time(conn, "load", "done", packages, seconds)
            conn.commit()

    samples = seen(fresh)

    slots = {labels[0]: value for (name, labels), value in samples.items() if name == "stage_duration_seconds_bucket"}
    assert (slots["0.1"], slots["2.5"], slots["5.0"], slots["1800.0"], slots["+Inf"]) == (2, 2, 3, 3, 4)
    assert samples["stage_duration_seconds_count", ("done", "load")] == 4
    assert samples["stage_duration_seconds_sum", ("done", "load")] == pytest.approx(10_003.15)
    assert samples["stage_packages_total", ("done", "load")] == 23


def test_open_channels_and_what_waits_there_are_shown(fresh: Hub) -> None:
    resting = Health(3, NOW, "拒绝", "refused", NOW + timedelta(minutes=5))
    with fresh.database() as conn:
        for code, health in ((NANYANG, resting), ("9" * 18, resting)):
            channels.lock(conn, code)
            channels.save(conn, code, health)
        channels.note_look(conn, NANYANG, {}, (7, 900), NOW)
        conn.commit()

    samples = seen(fresh)

    assert samples["channel_open", (NANYANG,)] == 1
    assert (samples["channel_waiting_packages", (NANYANG,)], samples["channel_waiting_bytes", (NANYANG,)]) == (7, 900)
    assert not any("9" * 18 in labels for _, labels in samples)


def test_the_last_verification_of_the_evidence_is_shown(fresh: Hub) -> None:
    assert ("evidence_verified_ok", ()) not in seen(fresh)

    note_verification(fresh, VerifyResult(3, 10, (difference(Fault.CHANGED_RECORD),), ""), NOW - timedelta(days=1))
    bad = seen(fresh)
    note_verification(fresh, VerifyResult(3, 10, (), ""), NOW)

    samples = seen(fresh)
    assert (bad["evidence_verified_ok", ()], bad["evidence_differences", ()]) == (0, 1)
    assert (samples["evidence_verified_ok", ()], samples["evidence_differences", ()]) == (1, 0)
    assert samples["evidence_verified_timestamp_seconds", ()] == NOW.timestamp()


def test_a_warehouse_that_does_not_answer_is_all_that_is_said(fresh: Hub) -> None:
    away = SecretStr("postgresql://hub@127.0.0.1:1/hub")
    gone = replace(fresh, settings=fresh.settings.model_copy(update={"database_url": away}))

    assert seen(gone) == {("database_up", ()): 0}
