"""Rules of law and order on the real contract against an oracle in plain Python: random times, terms and names.

Compared is the set of (row, field, rule) of the rules named here; how faults hide each other is `test_oracle`'s.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cache

import polars as pl
import pytest
from chinese_calendar import is_workday
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.loader import load_release
from contracts.model import FieldType
from exchange_hub.core.clock import SHANGHAI
from validators.engine import Context, validate
from validators.lookups import NothingStored

RECEIVED_AT = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)
FIRST = datetime(2026, 1, 5)  # noqa: DTZ001 -- Beijing time, as all moments here
Values = Mapping[str, datetime | str | None]
Found = Iterator[tuple[str, str]]
RELEASE = load_release("2.0.0")


def _moment(values: Values, name: str) -> datetime | None:
    value = values[name]
    return value if isinstance(value, datetime) else None


def _pair(values: Values, start: str, end: str) -> tuple[datetime, datetime] | None:
    one, other = _moment(values, start), _moment(values, end)
    return None if one is None or other is None else (one, other)


def _calendar_days(pair: tuple[datetime, datetime]) -> int:
    return (pair[1].date() - pair[0].date()).days


def _working_days(pair: tuple[datetime, datetime]) -> int:
    first: date = pair[0].date()
    return sum(is_workday(first + timedelta(days=n)) for n in range(1, _calendar_days(pair) + 1))


def recording(values: Values) -> Found:
    if pair := _pair(values, "RECORD_START_TIME", "RECORD_END_TIME"):
        measured = (pair[1] - pair[0]).total_seconds()
        if measured <= 0:
            yield "RECORD_END_TIME", "TIM-006"
        elif values["DURATION_SECONDS"] is not None:
            apart = abs(float(str(values["DURATION_SECONDS"])) - measured)
            if apart > 2 and apart > measured * 0.005:
                yield "DURATION_SECONDS", "TIM-012"
    if (pair := _pair(values, "RECORD_END_TIME", "RETAIN_UNTIL_DATE")) and _calendar_days(pair) < 0:
        yield "RETAIN_UNTIL_DATE", "TIM-013"
    if (pair := _pair(values, "REGISTERED_TIME", "URL_EXPIRY_TIME")) and pair[0] > pair[1]:
        yield "URL_EXPIRY_TIME", "TIM-014"
    number, count = values["SEGMENT_NO"], values["SEGMENT_COUNT"]
    if number is not None and count is not None and not 1 <= int(str(number)) <= int(str(count)):
        yield "SEGMENT_NO", "CND-015"


def publicity(values: Values) -> Found:
    if pair := _pair(values, "PUBLICITY_START_TIME", "PUBLICITY_END_TIME"):
        if pair[0] > pair[1]:
            yield "PUBLICITY_END_TIME", "TIM-004"
        elif pair[0] < pair[1] and _calendar_days(pair) < 2:
            yield "PUBLICITY_END_TIME", "TIM-017"
        elif pair[0] < pair[1] and _calendar_days(pair) == 2:
            yield "PUBLICITY_END_TIME", "TIM-018"
    if (pair := _pair(values, "PUBLICITY_REFER_TIME", "PUBLICITY_START_TIME")) and pair[0] > pair[1]:
        yield "PUBLICITY_START_TIME", "TIM-011"
    if (end := _moment(values, "PUBLICITY_END_TIME")) and not is_workday(end.date()):
        yield "PUBLICITY_END_TIME", "TIM-021"


def contract(values: Values) -> Found:
    if (pair := _pair(values, "CONTRACT_SIGN_TIME", "SUBMIT_TIME")) and pair[0] > pair[1]:
        yield "SUBMIT_TIME", "TIM-010"
    if values["PRICE_FORM_CODE"] == "2" and values["OTHER_CONTRACT_PRICE"] is None:
        yield "OTHER_CONTRACT_PRICE", "CND-005"


def award(values: Values) -> Found:
    if values["PRICE_FORM_CODE"] == "2" and values["OTHER_BID_PRICE"] is None:
        yield "OTHER_BID_PRICE", "CND-005"
    if values["PRICE_FORM_CODE"] == "1" and values["BID_AMOUNT"] is None:
        yield "BID_AMOUNT", "CND-006"


def clarification(values: Values) -> Found:
    pair = _pair(values, "CLARIFY_TIME", "BID_DOC_REFER_END_TIME")
    if pair and pair[0] < pair[1] and _calendar_days(pair) < 15:
        yield "CLARIFY_TIME", "TIM-030"


def prequalification(values: Values) -> Found:
    pair = _pair(values, "TENDER_SUBMIT_TIME", "DOC_SUBMIT_END_TIME")
    if pair and pair[0] < pair[1] and _calendar_days(pair) < 3:
        yield "TENDER_SUBMIT_TIME", "TIM-031"


def land(values: Values) -> Found:
    if pair := _pair(values, "LISTING_START_TIME", "LISTING_DEADLINE"):
        if pair[0] >= pair[1]:
            yield "LISTING_DEADLINE", "TIM-029"
        elif _calendar_days(pair) < 9:
            yield "LISTING_DEADLINE", "TIM-023"
        elif _calendar_days(pair) == 9:
            yield "LISTING_DEADLINE", "TIM-024"
    if pair := _pair(values, "PUBLISHING_TIME", "LISTING_START_TIME"):
        if 0 <= _calendar_days(pair) < 19:
            yield "LISTING_START_TIME", "TIM-027"
        elif _calendar_days(pair) == 19:
            yield "LISTING_START_TIME", "TIM-028"


def complaint(values: Values) -> Found:
    if (pair := _pair(values, "COMPLAINT_DATE", "ACCEPT_DATE")) and _working_days(pair) > 3:
        yield "ACCEPT_DATE", "TIM-025"
    if (pair := _pair(values, "ACCEPT_DATE", "HANDLE_DATE")) and _working_days(pair) > 30:
        yield "HANDLE_DATE", "TIM-026"


def land_term(values: Values) -> Found:
    term = values["LEND_AGE_LIMIT"]
    if values["PUBLISHING_TIME"] is not None and term is not None and float(str(term).rstrip("年")) > 70:
        yield "LEND_AGE_LIMIT", "AMT-008"


# dataset -> oracle, and for fields that are no moments the values to draw from
ORACLES: dict[str, tuple[Callable[[Values], Found], dict[str, list[str | None]]]] = {
    "RECORDING": (
        recording,
        {
            "DURATION_SECONDS": ["86400", "172800", "86401", "430", None],
            "SEGMENT_NO": ["0", "1", "2", "3", None],
            "SEGMENT_COUNT": ["1", "2", None],
        },
    ),
    "TENDER_CANDIDATE_ANNOUNCE": (publicity, {}),
    "CONTRACT_PERFORMANCE": (
        contract,
        {"PRICE_FORM_CODE": ["1", "2"], "OTHER_CONTRACT_PRICE": ["下浮5%", None]},
    ),
    "WIN_RESULT_ANNO": (
        award,
        {"PRICE_FORM_CODE": ["1", "2"], "OTHER_BID_PRICE": ["下浮5%", None], "BID_AMOUNT": ["100", None]},
    ),
    "TENDER_FILE_CLARI_MODI": (clarification, {}),
    "QUALI_INQUERY_CLARI": (prequalification, {}),
    "DEAL_BEHAVIOR_INFO": (land, {}),
    "COMPLAINT_INFO": (complaint, {}),
    "DEAL_LAND_INFO": (land_term, {"LEND_AGE_LIMIT": ["40", "70年", "70", "71", "700年", None]}),
}
IDS = [
    "TIM-004",
    "TIM-006",
    "TIM-010",
    "TIM-011",
    "TIM-012",
    "TIM-013",
    "TIM-014",
    "TIM-017",
    "TIM-018",
    "TIM-021",
    "TIM-023",
    "TIM-024",
    "TIM-025",
    "TIM-026",
    "TIM-027",
    "TIM-028",
    "TIM-029",
    "TIM-030",
    "TIM-031",
    "CND-005",
    "CND-006",
    "CND-015",
    "AMT-008",
]


@cache
def _moments(dataset: str) -> dict[str, str]:
    """Fields that hold a moment, with how it is written."""
    forms = {FieldType.DATETIME: "%Y%m%d%H%M%S", FieldType.DATE: "%Y%m%d"}
    return {one.name: forms[one.type] for one in RELEASE.datasets[dataset].fields if one.type in forms}


def _draw(dataset: str, chance: random.Random) -> dict[str, datetime | str | None]:
    days = chance.choice((3, 12, 40, 120))  # so that short periods and long ones are met
    drawn: dict[str, datetime | str | None] = {}
    for name, form in _moments(dataset).items():
        moment = FIRST + timedelta(days=chance.randrange(days), seconds=chance.choice((0, 0, 1, 36_000)))
        drawn[name] = None if chance.random() < 0.1 else datetime.strptime(moment.strftime(form), form)  # noqa: DTZ007
    return drawn | {name: chance.choice(values) for name, values in ORACLES[dataset][1].items()}


def _text(name: str, value: datetime | str | None, dataset: str) -> str | None:
    return value.strftime(_moments(dataset)[name]) if isinstance(value, datetime) else value


@pytest.mark.parametrize("dataset", sorted(ORACLES))
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_law_is_read_as_the_oracle_reads_it(dataset: str, seed: int) -> None:
    chance = random.Random(seed)
    rows = [_draw(dataset, chance) for _ in range(60)]
    oracle = ORACLES[dataset][0]
    expected = {(number, *fault) for number, row in enumerate(rows, 1) for fault in oracle(row)}
    columns = {name: [_text(name, row[name], dataset) for row in rows] for name in rows[0]}
    columns |= {"DATA_KEY": [f"7201500000000{number:09d}" for number in range(60)], "DATA_TYPE": ["1"] * 60}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(
        pl.lit("data/x.csv").alias("_file"), (pl.int_range(pl.len()) + 1).alias("_row").cast(pl.Int64)
    )

    context = Context("12410100MA3DEM0195", RECEIVED_AT, None, assume_parents=True)
    findings = validate({dataset: frame}, RELEASE, NothingStored(), context).findings

    found = findings.filter(pl.col("rule_id").is_in(IDS)).select("row", "field", "rule_id")
    assert set(found.iter_rows()) == expected
