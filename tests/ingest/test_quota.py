"""What is over a quota waits, in its order, and nothing waits for ever."""

from hypothesis import given
from hypothesis import strategies as st

from exchange_hub.core.platforms import Quota
from ingest.quota import Amount, amount, within
from ingest.transports.base import Offer

NOTHING = Amount()


def offers(*sizes: int) -> list[Offer]:
    return [Offer(f"{number}.zip", size, "s") for number, size in enumerate(sizes)]


def test_without_a_quota_all_is_taken() -> None:
    assert within(Quota(), offers(1, 2, 3), Amount(10**6, 10**12)) == 3


def test_packages_and_bytes_are_bounded_by_run_and_by_day() -> None:
    waiting = offers(10, 10, 10, 10)

    assert within(Quota(packages_a_run=3), waiting, Amount(50, 500)) == 3
    assert within(Quota(packages_a_day=52), waiting, Amount(50, 500)) == 2
    assert within(Quota(bytes_a_run=29), waiting, Amount(50, 500)) == 2
    assert within(Quota(bytes_a_day=510), waiting, Amount(50, 500)) == 1
    assert within(Quota(packages_a_day=50), waiting, Amount(50, 500)) == 0


def test_a_small_package_does_not_overtake_a_large_one() -> None:
    assert within(Quota(bytes_a_run=100), offers(60, 60, 1), NOTHING) == 1


def test_a_package_larger_than_the_whole_quota_goes_alone() -> None:
    assert within(Quota(bytes_a_run=100), offers(500, 1), NOTHING) == 1
    assert within(Quota(bytes_a_day=100), offers(500, 1), NOTHING) == 1
    assert within(Quota(bytes_a_day=100), offers(500), Amount(1, 1)) == 0  # it is the first of another day


SIZES = st.lists(st.integers(0, 100), max_size=30)
BOUND = st.none() | st.integers(1, 200)


@given(SIZES, st.builds(Quota, BOUND, BOUND, BOUND, BOUND))
def test_day_after_day_everything_is_taken_once_in_its_order(sizes: list[int], quota: Quota) -> None:
    waiting, taken = offers(*sizes), []
    for _ in range(len(sizes)):
        count = within(quota, waiting, NOTHING)
        taken += waiting[:count]
        waiting = waiting[count:]

    assert taken == offers(*sizes)
    assert amount(taken) == Amount(len(sizes), sum(sizes))
