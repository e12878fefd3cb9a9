"""States of notices and items: the table, and what follows from it."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.notices import ItemState, NoticeState
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

items = st.lists(st.sampled_from(ItemState), min_size=1, max_size=6)


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
    assert settled([ItemState.CORRECTED, ItemState.WITHDRAWN, ItemState.REVOKED_BY_HUB, ItemState.CONFIRMED_TRUE])
    assert not settled([ItemState.CORRECTED, ItemState.OBJECTED])
    assert not settled([ItemState.CORRECTED, ItemState.OPEN])


@pytest.mark.parametrize(
    ("current", "item", "now", "then"),
    [
        (NoticeState.DELIVERED, ItemState.OPEN, BEFORE, NoticeState.DELIVERED),
        (NoticeState.DELIVERED, ItemState.OPEN, AFTER, NoticeState.OVERDUE),
        (NoticeState.DELIVERED, ItemState.OBJECTED, AFTER, NoticeState.ANSWERED),
        (NoticeState.DELIVERED, ItemState.CORRECTED, BEFORE, NoticeState.CLOSED),
        (NoticeState.OVERDUE, ItemState.CANNOT_CORRECT, AFTER, NoticeState.ANSWERED),
        (NoticeState.OVERDUE, ItemState.CORRECTED, AFTER, NoticeState.CLOSED),
        (NoticeState.OVERDUE, ItemState.OPEN, BEFORE, NoticeState.DELIVERED),
        (NoticeState.CLOSED, ItemState.OPEN, AFTER, NoticeState.CLOSED),
    ],
)
def test_the_next_state_follows_from_items_and_clock(
    current: NoticeState, item: ItemState, now: datetime, then: NoticeState
) -> None:
    assert next_notice_state(current, [item], now, DUE) is then


def test_without_proof_of_receipt_no_clock_runs() -> None:
    state = next_notice_state(NoticeState.ISSUED, [ItemState.OPEN], AFTER + timedelta(days=99), None)

    assert state is NoticeState.ISSUED


@given(st.sampled_from(NoticeState), items, st.booleans())
def test_the_next_state_is_the_same_or_a_step_that_the_hub_may_make(
    current: NoticeState, states: list[ItemState], late: bool
) -> None:
    # An answered notice has no open item: answers are not taken back.
    if current is NoticeState.ANSWERED:
        states = [state for state in states if state is not ItemState.OPEN] or [ItemState.OBJECTED]
    due = None if current is NoticeState.ISSUED else DUE

    then = next_notice_state(current, states, AFTER if late else BEFORE, due)

    assert then is current or allowed(current, then, HUB)
    assert (then is NoticeState.CLOSED) == (current is NoticeState.CLOSED or set(states) <= SETTLED)
