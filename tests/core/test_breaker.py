"""A channel that fails again and again is left alone, probed, and closed again by itself."""

from datetime import datetime, timedelta

from exchange_hub.core.breaker import LONGEST_REST, Health, after_failure, after_success
from exchange_hub.core.clock import SHANGHAI

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)
REST = timedelta(minutes=5)
SAID = ("拒绝连接", "refused")


def failed(times: int, health: Health | None = None, at: datetime = NOW) -> Health:
    health = health or Health()
    for _ in range(times):
        health = after_failure(health, SAID, at, REST)
    return health


def test_it_rests_after_three_failures_in_a_row_and_no_sooner() -> None:
    assert not failed(2).is_open
    assert not failed(2).rests(NOW)

    opened = failed(3)

    assert opened.is_open
    assert opened.rests_until == NOW + REST
    assert (opened.error_zh, opened.error_en) == SAID


def test_what_fails_while_it_rests_was_begun_before_and_does_not_count() -> None:
    opened = failed(3)

    again = failed(4, opened, NOW + timedelta(seconds=30))

    assert (again.failures, again.rests_until) == (3, opened.rests_until)


def test_when_its_rest_is_over_it_is_probed_and_each_failed_probe_doubles_the_rest_up_to_an_hour() -> None:
    health, at, rests = failed(3), NOW, []
    for _ in range(7):
        assert health.rests_until is not None
        rests.append(health.rests_until - at)
        at = health.rests_until
        assert not health.rests(at)
        health = failed(1, health, at)

    assert rests == [REST * 2**n for n in range(4)] + [LONGEST_REST] * 3


def test_one_success_closes_it_and_forgets_what_was() -> None:
    later = NOW + timedelta(hours=3)

    health = after_success(later)

    assert health == Health(worked_at=later)
    assert not health.is_open
    assert failed(1, health, later).failures == 1
