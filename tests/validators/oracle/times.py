"""TIM: the order of events, legal minimum and maximum periods, what is later than its receipt."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from chinese_calendar import is_workday

from contracts.model import Field, FieldType
from tests.validators.oracle.bound import Bound, Many, Roles
from tests.validators.oracle.values import Looks, Wrong
from tests.validators.oracle.view import View, working_days

HAPPENED = {
    "CREATE_TIME",
    "DATA_TIMESTAMP",
    "NOTICE_SEND_TIME",
    "BID_OPENING_TIME",
    "CHECKIN_TIME",
    "EXPERT_CHECK_IN_TIME",
    "MARGIN_RECEIVE_TIME",
    "PUBLICITY_REFER_TIME",
    "CONTRACT_SIGN_TIME",
    "SUBMIT_TIME",
    "RECORD_START_TIME",
    "RECORD_END_TIME",
}
ENGINEERING, LAND = frozenset({"engineering"}), frozenset({"land"})
CLOCKS = timedelta(minutes=10)  # clocks may differ by that


def _days(start: datetime, end: datetime) -> int:
    return (end.date() - start.date()).days


def _order(fields: Roles, broken: Callable[[datetime, datetime], bool], at: str | None = None, **more: Any) -> Many:
    """Two moments of a record; `at` the later one where nothing else is said."""
    start, end = fields
    return Many(
        types={start: "moment", end: "moment"},
        at=at or end,
        broken=lambda seen: (pair := seen.pair(start, end)) is not None and broken(*pair),
        fields=(fields,),
        **more,
    )


def _short(days: range, fields: Roles, trades: frozenset[str], since: date, at: str = "end") -> Many:
    """A period of so many days, the first not counted; ends before their start are another rule's."""
    more: dict[str, Any] = {"trades": trades, "since": since, "dated_by": "start"}
    return _order(fields, lambda start, end: start < end and _days(start, end) in days, at, **more)


ISSUE = {"start": "DOC_GET_START_TIME", "end": "DOC_GET_END_TIME"}
SHOWN = {"start": "PUBLICITY_START_TIME", "end": "PUBLICITY_END_TIME"}
LISTED = {"start": "LISTING_START_TIME", "end": "LISTING_DEADLINE"}
RECORDED = {"start": "RECORD_START_TIME", "end": "RECORD_END_TIME"}
IN_FORCE = date(2012, 2, 1)


def _length_wrong(seen: Bound) -> bool:
    pair, told = seen.pair("start", "end"), seen.number("seconds")
    if pair is None or told is None or pair[0] >= pair[1]:
        return False
    measured = (pair[1] - pair[0]).total_seconds()
    return abs(float(told) - measured) > max(2, measured * 0.005)


def _kept(seen: Bound) -> bool:
    end, until = seen.moment("end"), seen.day("until")
    return end is not None and until is not None and until < end.date()


def _in_a_loop(seen: Bound) -> bool:
    end = seen.moment("end")
    return seen.text("kind") == "1" and end is not None and seen.view.batch.received_at - end > timedelta(days=25)


def _prequalified(days: range) -> Many:
    def broken(seen: Bound) -> bool:
        pair = seen.pair("start", "end")
        return seen.text("kind") == "2" and pair is not None and pair[0] < pair[1] and _days(*pair) in days

    return Many(
        types={"kind": "text", "start": "moment", "end": "moment"},
        at="end",
        broken=broken,
        fields=({"kind": "BULLETIN_TYPE", "start": "DOC_GET_END_TIME", "end": "BID_DOC_REFER_END_TIME"},),
        trades=ENGINEERING,
        since=IN_FORCE,
        dated_by="start",
    )


def _registration(seen: Bound) -> bool:
    sent, issue, end = seen.moment("start"), seen.moment("issue"), seen.moment("end")
    if sent is None or issue is None or end is None:
        return False
    worked = working_days(sent.date(), end.date())
    return issue < end and sent < end and worked is not None and worked < 4


def _late(most: int, start: str, end: str, kind: str) -> Many:
    def broken(seen: Bound) -> bool:
        begun, done = seen.day("start"), seen.day("end")
        worked = None if begun is None or done is None else working_days(begun, done)
        return worked is not None and worked > most

    return Many(
        types={"start": "date", "end": kind},
        at="end",
        broken=broken,
        fields=({"start": start, "end": end},),
        since=IN_FORCE,
        dated_by="start",
    )


def _land_notice(days: range) -> Many:
    def broken(seen: Bound) -> bool:
        published, start = seen.day("start"), seen.moment("end")
        return published is not None and start is not None and (start.date() - published).days in days

    return Many(
        types={"start": "date", "end": "moment"},
        at="end",
        broken=broken,
        fields=({"start": "PUBLISHING_TIME", "end": "LISTING_START_TIME"},),
        trades=LAND,
        since=date(2007, 11, 1),
        dated_by="start",
    )


RULES: dict[str, Many] = {
    "TIM-001": _order(ISSUE, lambda start, end: start >= end),
    "TIM-002": _order(
        {"start": "DOC_GET_START_TIME", "deadline": "BID_DOC_REFER_END_TIME"}, lambda start, end: start >= end
    ),
    "TIM-003": _order(
        {"notice": "NOTICE_SEND_TIME", "start": "DOC_GET_START_TIME"}, lambda sent, start: sent > start, "notice"
    ),
    "TIM-004": _order(SHOWN, lambda start, end: start > end),
    "TIM-006": _order(RECORDED, lambda start, end: start >= end),
    "TIM-007": _order(
        {"deadline": "BID_DOC_REFER_END_TIME", "opening": "BID_OPEN_TIME"},
        lambda deadline, opening: abs(opening - deadline) > timedelta(minutes=1),
    ),
    "TIM-008": _short(range(4), ISSUE, ENGINEERING, IN_FORCE),
    "TIM-009": _short(range(4, 5), ISSUE, ENGINEERING, IN_FORCE),
    "TIM-010": _order({"earlier": "CONTRACT_SIGN_TIME", "later": "SUBMIT_TIME"}, lambda one, other: one > other),
    "TIM-011": _order(
        {"earlier": "PUBLICITY_REFER_TIME", "later": "PUBLICITY_START_TIME"}, lambda one, other: one > other
    ),
    "TIM-012": Many(
        types={"start": "moment", "end": "moment", "seconds": "number"},
        at="seconds",
        broken=_length_wrong,
        fields=({**RECORDED, "seconds": "DURATION_SECONDS"},),
    ),
    "TIM-013": Many(
        types={"end": "moment", "until": "date"},
        at="until",
        broken=_kept,
        fields=({"end": "RECORD_END_TIME", "until": "RETAIN_UNTIL_DATE"},),
    ),
    "TIM-014": _order({"earlier": "REGISTERED_TIME", "later": "URL_EXPIRY_TIME"}, lambda one, other: one > other),
    "TIM-015": Many(
        types={"kind": "text", "end": "moment"},
        at="kind",
        broken=_in_a_loop,
        fields=({"kind": "STORAGE_KIND", "end": "RECORD_END_TIME"},),
    ),
    "TIM-017": _short(range(2), SHOWN, ENGINEERING, IN_FORCE),
    "TIM-018": _short(range(2, 3), SHOWN, ENGINEERING, IN_FORCE),
    "TIM-019": _prequalified(range(4)),
    "TIM-020": _prequalified(range(4, 5)),
    "TIM-022": Many(
        types={"start": "moment", "issue": "moment", "end": "moment"},
        at="end",
        broken=_registration,
        fields=({"start": "NOTICE_SEND_TIME", "issue": "DOC_GET_START_TIME", "end": "DOC_GET_END_TIME"},),
        trades=ENGINEERING,
    ),
    "TIM-023": _short(range(9), LISTED, LAND, date(2007, 11, 1)),
    "TIM-024": _short(range(9, 10), LISTED, LAND, date(2007, 11, 1)),
    "TIM-025": _late(3, "COMPLAINT_DATE", "ACCEPT_DATE", "date"),
    "TIM-026": _late(30, "ACCEPT_DATE", "HANDLE_DATE", "moment"),
    "TIM-027": _land_notice(range(19)),
    "TIM-028": _land_notice(range(19, 20)),
    "TIM-029": _order(LISTED, lambda start, end: start >= end),
    "TIM-030": _short(
        range(15), {"start": "CLARIFY_TIME", "end": "BID_DOC_REFER_END_TIME"}, ENGINEERING, date(2000, 1, 1), "start"
    ),
    "TIM-031": _short(
        range(3), {"start": "TENDER_SUBMIT_TIME", "end": "DOC_SUBMIT_END_TIME"}, ENGINEERING, IN_FORCE, "start"
    ),
}


def _in_the_future(view: View, field: Field) -> bool:
    moment = view.moment(field.name)
    return moment is not None and moment > view.batch.received_at + CLOCKS


def _long_ago(view: View, field: Field) -> bool:
    moment = view.moment(field.name)
    return moment is not None and moment.year < 2000


def _ends_on_a_day_off(view: View, field: Field) -> bool:
    day = view.day(field.name)
    return (
        day is not None and day >= date(2021, 1, 1) and day.year <= view.batch.received_at.year and not is_workday(day)
    )


OF_A_FIELD: dict[str, tuple[Looks, Wrong]] = {
    "TIM-005": (lambda field, _: field.type is FieldType.DATETIME and field.name in HAPPENED, _in_the_future),
    "TIM-016": (lambda field, _: field.type is FieldType.DATETIME, _long_ago),
    "TIM-021": (lambda field, _: field.name == "PUBLICITY_END_TIME", _ends_on_a_day_off),
}
