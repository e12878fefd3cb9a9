"""States of notices and items: the table, and what follows from it."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.notices import ItemState, NoticeState, Progress
from feedback.states import (
    HUB,
    ITEM_TRANSITIONS,
    NOTICE_TRANSITIONS,
    OPERATOR,
    PLATFORM,
    SETTLED,
    STATE_OF_ANSWER,
    allowed,
    as_markdown,
    next_notice_state,
    settled,
)

DUE = datetime(2026, 12, 2, tzinfo=SHANGHAI)
BEFORE, AFTER = DUE - timedelta(seconds=1), DUE
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "states.md"

OPEN, OBJECTED, SENT_AGAIN, DONE = Progress(1, 0, 1), Progress(0, 0, 1), Progress(0, 1, 1), Progress(0, 0, 0)

progresses = st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)).map(
    lambda n: Progress(n[0], n[1], sum(n))
)


def test_the_reference_page_shows_the_table_in_force() -> None:
    assert PAGE.read_text("utf-8") == as_markdown()


def test_no_transition_is_listed_twice() -> None:
    for table in (NOTICE_TRANSITIONS, ITEM_TRANSITIONS):
        pairs = [(step.before, step.after) for step in table]
        assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize(
    ("before", "after", "actor", "may"),
    [
        (ItemState.OPEN, ItemState.CORRECTED, HUB, True),
        (ItemState.OPEN, ItemState.CORRECTED, PLATFORM, False),
        (ItemState.OPEN, ItemState.OBJECTED, PLATFORM, True),
        (ItemState.OBJECTED, ItemState.REVOKED_BY_HUB, PLATFORM, False),
        (ItemState.CORRECTED, ItemState.OPEN, HUB, False),
        (NoticeState.ISSUED, NoticeState.OVERDUE, HUB, False),
        (NoticeState.DELIVERED, NoticeState.OVERDUE, HUB, True),
        (NoticeState.CLOSED, NoticeState.DELIVERED, OPERATOR, False),
    ],
)
def test_only_the_listed_actor_may_make_a_listed_step(
    before: NoticeState, after: NoticeState, actor: str, may: bool
) -> None:
    assert allowed(before, after, actor) is may


@pytest.mark.parametrize("state", STATE_OF_ANSWER.values())
def test_every_answer_of_a_centre_is_a_step_it_may_make(state: ItemState) -> None:
    assert allowed(ItemState.OPEN, state, PLATFORM)


def test_a_notice_closes_when_every_item_is_settled() -> None:
    assert settled(Progress(0, 0, 0))
    assert not settled(Progress(0, 0, 1))


@pytest.mark.parametrize(
    ("current", "progress", "now", "then"),
    [
        (NoticeState.DELIVERED, OPEN, BEFORE, NoticeState.DELIVERED),
        (NoticeState.DELIVERED, OPEN, AFTER, NoticeState.OVERDUE),
        (NoticeState.DELIVERED, OBJECTED, AFTER, NoticeState.ANSWERED),
        (NoticeState.DELIVERED, SENT_AGAIN, AFTER, NoticeState.ANSWERED),
        (NoticeState.DELIVERED, DONE, BEFORE, NoticeState.CLOSED),
        (NoticeState.OVERDUE, OBJECTED, AFTER, NoticeState.ANSWERED),
        (NoticeState.OVERDUE, DONE, AFTER, NoticeState.CLOSED),
        (NoticeState.OVERDUE, OPEN, BEFORE, NoticeState.DELIVERED),
        (NoticeState.CLOSED, OPEN, AFTER, NoticeState.CLOSED),
    ],
)
def test_the_next_state_follows_from_items_and_clock(
    current: NoticeState, progress: Progress, now: datetime, then: NoticeState
) -> None:
    assert next_notice_state(current, progress, now, DUE) is then


def test_a_notice_that_somebody_of_the_centre_has_seen_is_received() -> None:
    assert next_notice_state(NoticeState.DELIVERED, OPEN, BEFORE, DUE, fetched=True) is NoticeState.RECEIVED


def test_a_record_rejected_again_is_a_result_unless_the_root_clock_runs_on() -> None:
    late = next_notice_state(NoticeState.DELIVERED, SENT_AGAIN, AFTER, DUE, sent_again_counts=False)

    assert late is NoticeState.OVERDUE


def test_without_proof_of_receipt_no_clock_runs() -> None:
    state = next_notice_state(NoticeState.ISSUED, OPEN, AFTER + timedelta(days=99), None)

    assert state is NoticeState.ISSUED


@given(st.sampled_from(NoticeState), progresses, st.booleans(), st.booleans(), st.booleans())
def test_the_next_state_is_the_same_or_a_step_that_the_hub_may_make(
    current: NoticeState, progress: Progress, late: bool, fetched: bool, sent_again_counts: bool
) -> None:
    due = None if current is NoticeState.ISSUED else DUE
    fetched = fetched or current is NoticeState.RECEIVED  # what was seen stays seen

    then = next_notice_state(
        current, progress, AFTER if late else BEFORE, due, fetched=fetched, sent_again_counts=sent_again_counts
    )

    assert then is current or allowed(current, then, HUB)
    assert (then is NoticeState.CLOSED) == (current is NoticeState.CLOSED or progress.unsettled == 0)


def test_no_item_leaves_a_settled_state_but_for_a_correction_a_deletion_or_a_revocation() -> None:
    later = {(step.before, step.after) for step in ITEM_TRANSITIONS if step.before in SETTLED}

    assert later == {
        (ItemState.CONFIRMED_TRUE, ItemState.CORRECTED),
        (ItemState.CONFIRMED_TRUE, ItemState.WITHDRAWN),
        (ItemState.CONFIRMED_TRUE, ItemState.REVOKED_BY_HUB),
    }
