"""The records of a clean sample: linked, well coded, lawful, and complete by the contract."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import chinese_calendar
import pytest
from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_37_2

from contracts.loader import load_release
from contracts.model import DatasetContract, Field, FieldType
from exchange_hub.sample.generate import chunks, lines_of
from exchange_hub.sample.options import DEFAULT_BASE_DATE, SampleOptions
from exchange_hub.sample.vocabulary import Record

Records = dict[str, list[Record]]
LEAVES_OF_SECTIONS = (
    "TENDER_LIST",
    "BIDDER_MARGIN_INFO",
    "BID_EVALUATION_EXPERT",
    "EVALUATION_RESULT",
    "WIN_RESULT_ANNO",
    "CONTRACT_PERFORMANCE",
)


def sampled(records: Records) -> list[DatasetContract]:
    datasets = load_release("2.0.0").datasets
    return [datasets[name] for name in records]


def moment(record: Record, name: str) -> datetime:
    return datetime.strptime(record[name] or "", "%Y%m%d%H%M%S")  # noqa: DTZ007 -- compared with its like only


def days_between(earlier: datetime, later: datetime) -> int:
    """Calendar days, the first not counted (民法典 Art. 201)."""
    return (later.date() - earlier.date()).days


def by_section(records: list[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record["BID_SECTION_CODE"] or "", []).append(record)
    return found


def yuan(record: Record, value: str, unit: str = "PRICE_UNIT") -> Decimal:
    return Decimal(record[value] or "") * (10_000 if record[unit] == "1" else 1)


def test_every_parent_of_the_contract_is_there(records: Records) -> None:
    for contract in sampled(records):
        for parent in contract.parents:
            known = {record[parent.parent_field] for record in records[parent.dataset]}
            named = {part for row in records[contract.dataset] for part in (row[parent.field] or "").split(";")}
            assert named
            assert named <= known


def test_codes_begin_with_the_code_of_what_they_belong_to(records: Records) -> None:
    for record in records["TENDER_PROJECT"]:
        assert (record["TENDER_PROJECT_CODE"] or "").startswith(record["PROJECT_CODE"] or "?")
    for name in ("SECTION", *LEAVES_OF_SECTIONS):
        for record in records[name]:
            assert (record["BID_SECTION_CODE"] or "").startswith(record["TENDER_PROJECT_CODE"] or "?")


def test_record_keys_and_unique_fields_are_unique(records: Records) -> None:
    keys = [record["DATA_KEY"] or "" for rows in records.values() for record in rows]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch("[0-9A-Za-z]{22}", key) for key in keys)
    for contract in sampled(records):
        for field in contract.fields:
            if field.unique:
                values = [record[field.name] for record in records[contract.dataset]]
                assert len(set(values)) == len(values), field.name
    deals = [record["UNIFIED_DEAL_CODE"] for record in records["SECTION"]]
    assert len(set(deals)) == len(deals)


def test_check_digits_are_right(records: Records) -> None:
    for contract in sampled(records):
        for field in contract.fields:
            values = {record[field.name] for record in records[contract.dataset]} - {None}
            parts = [part for value in values for part in (value or "").split(field.separator or "\0")]
            if field.identifier in ("uscc", "social_credit_code"):
                assert all(uscc.is_valid(part) for part in parts), field.name
            elif field.identifier == "person_id" or field.name == "PM_CODE":
                assert all(part[-1] == ric.calc_check_digit(part) for part in parts), field.name
                assert all(date(1960, 1, 1) < ric.get_birth_date(part) for part in parts), field.name
            elif field.identifier == "unified_deal_code":
                assert all(mod_37_2.is_valid(part.replace("-", "")) for part in parts), field.name


def test_people_and_telephones_are_evidently_invented(records: Records) -> None:
    for record in records["TENDER_LIST"]:
        assert (record["PM_CODE"] or "").startswith("41")
        assert (record["PM_CODE"] or "")[4:6] == "00"  # a city, which issues no identity numbers
        assert (record["BIDDER_OPERATION_PERSON_CON"] or "").startswith("1990000")


def test_announcement_keeps_the_legal_periods(records: Records) -> None:
    for record in records["TENDER_ANN_QUA_INQUERY_ANN"]:
        issue, issue_end = moment(record, "DOC_GET_START_TIME"), moment(record, "DOC_GET_END_TIME")
        assert moment(record, "NOTICE_SEND_TIME") <= issue
        assert days_between(issue, issue_end) >= 5
        notice_day = moment(record, "NOTICE_SEND_TIME").date()
        following = chinese_calendar.get_workdays(notice_day + timedelta(days=1), issue_end.date())
        assert len(following) >= 4
        assert days_between(issue, moment(record, "BID_DOC_REFER_END_TIME")) >= 20
        assert record["BID_OPEN_TIME"] == record["BID_DOC_REFER_END_TIME"]


def test_publicity_award_and_contract_keep_the_legal_periods(records: Records) -> None:
    openings = {record["TENDER_PROJECT_CODE"]: record for record in records["BID_OPENING_RECORD"]}
    awards = {record["BID_SECTION_CODE"]: record for record in records["WIN_RESULT_ANNO"]}
    contracts = {record["BID_SECTION_CODE"]: record for record in records["CONTRACT_PERFORMANCE"]}
    for record in records["TENDER_CANDIDATE_ANNOUNCE"]:
        opened = moment(openings[record["TENDER_PROJECT_CODE"]], "BID_OPENING_TIME")
        start, end = moment(record, "PUBLICITY_START_TIME"), moment(record, "PUBLICITY_END_TIME")
        awarded = moment(awards[record["BID_SECTION_CODES"]], "NOTICE_SEND_TIME")
        signed = moment(contracts[record["BID_SECTION_CODES"]], "CONTRACT_SIGN_TIME")
        assert opened < start
        assert days_between(opened, start) <= 3
        assert days_between(start, end) >= 3
        assert chinese_calendar.is_workday(end.date())
        assert end <= awarded <= signed
        assert days_between(opened, awarded) <= 15
        assert days_between(awarded, signed) <= 30


def test_nothing_lies_after_the_date_of_the_package(records: Records) -> None:
    stamp = f"{DEFAULT_BASE_DATE:%Y%m%d}180000"
    for contract in sampled(records):
        for field in contract.fields:
            if field.type is FieldType.DATETIME:
                latest = max(record[field.name] or "" for record in records[contract.dataset])
                assert latest <= stamp, field.name


def test_committees_are_odd_and_of_five_or_more_with_one_chair(records: Records) -> None:
    for committee in by_section(records["BID_EVALUATION_EXPERT"]).values():
        assert len(committee) in (5, 7)
        assert len({record["ID_CARD"] for record in committee}) == len(committee)
        assert [record["IS_CHAIR_MAN"] for record in committee].count("1") == 1


def test_deposits_stay_within_two_percent_and_come_before_the_deadline(records: Records) -> None:
    sections = {record["BID_SECTION_CODE"]: record for record in records["SECTION"]}
    openings = {record["TENDER_PROJECT_CODE"]: record for record in records["BID_OPENING_RECORD"]}
    for record in records["BIDDER_MARGIN_INFO"]:
        estimate = yuan(sections[record["BID_SECTION_CODE"]], "CONTRACT_RECKON_PRICE")
        assert Decimal(record["MARGIN_PAY"] or "") <= estimate * Decimal("0.02")
        deadline = moment(openings[record["TENDER_PROJECT_CODE"]], "BID_OPENING_TIME")
        assert moment(record, "MARGIN_RECEIVE_TIME") < deadline


def test_three_to_six_bidders_and_the_winner_is_the_first_of_them(records: Records) -> None:
    ranked = by_section(records["EVALUATION_RESULT"])
    bidders = by_section(records["TENDER_LIST"])
    winners = {record["BID_SECTION_CODE"]: record for record in records["WIN_RESULT_ANNO"]}
    for code, results in ranked.items():
        assert 3 <= len(results) <= 6
        assert {record["BIDDER_ORG_CODE"] for record in results} == {row["BIDDER_ORG_CODE"] for row in bidders[code]}
        first = next(record for record in results if record["RANK"] == "1")
        assert first["IS_VETO"] == "0"
        assert winners[code]["WIN_BIDDER_CODE"] == first["BIDDER_ORG_CODE"]


def test_the_contract_has_the_price_of_the_award_within_the_estimate(records: Records) -> None:
    awards = {record["BID_SECTION_CODE"]: record for record in records["WIN_RESULT_ANNO"]}
    sections = {record["BID_SECTION_CODE"]: record for record in records["SECTION"]}
    forms = Counter(record["PRICE_FORM_CODE"] for record in records["CONTRACT_PERFORMANCE"])
    assert set(forms) == {"1", "2"}
    for record in records["CONTRACT_PERFORMANCE"]:
        award = awards[record["BID_SECTION_CODE"]]
        assert record["CONTRACT_PRICE"] == award["BID_AMOUNT"]
        assert record["OTHER_CONTRACT_PRICE"] == award["OTHER_BID_PRICE"]
        if record["PRICE_FORM_CODE"] == "1":
            estimate = yuan(sections[record["BID_SECTION_CODE"]], "CONTRACT_RECKON_PRICE")
            assert 0 < yuan(record, "CONTRACT_PRICE") <= estimate


def test_recordings_cover_opening_and_evaluation_of_every_section(records: Records) -> None:
    openings = {record["TENDER_PROJECT_CODE"]: record for record in records["BID_OPENING_RECORD"]}
    kinds = Counter((record["BID_SECTION_CODES"], record["SESSION_KIND"]) for record in records["RECORDING"])
    codes = [record["BID_SECTION_CODE"] for record in records["SECTION"]]
    assert kinds == Counter({(code, kind): 1 for code in codes for kind in "34"})
    for record in records["RECORDING"]:
        opened = moment(openings[record["TENDER_PROJECT_CODE"]], "BID_OPENING_TIME")
        start, end = moment(record, "RECORD_START_TIME"), moment(record, "RECORD_END_TIME")
        assert start < end
        if record["SESSION_KIND"] == "3":
            assert start <= opened < end


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (Field("NEW_CODE", "新代码", FieldType.STRING, True, exact_length=1, code_list="RELATE_CODE"), "1"),
        (Field("NEW_NAME", "新名称", FieldType.STRING, True, max_length=4), "新名称示"),
        (Field("NEW_NO", "新编号", FieldType.STRING, True, exact_length=6), "000001"),
        (Field("NEW_FLAG", "新标志", FieldType.BOOLEAN, True), "1"),
        (Field("NEW_TIME", "新时间", FieldType.DATETIME, True), "20261120180000"),
        (Field("NEW_DAY", "新日期", FieldType.DATE, False), "20261120"),
        (Field("NEW_SUM", "新金额", FieldType.DECIMAL, False, precision=20, scale=6), "1"),
    ],
)
def test_a_field_added_to_the_contract_is_filled_by_its_type(field: Field, expected: str) -> None:
    release = load_release("2.0.0")
    contract = release.datasets["RECORDING"]
    grown = replace(contract, fields=(*contract.fields, field))
    release = replace(release, datasets={**release.datasets, "RECORDING": grown})
    options = SampleOptions(datasets=("RECORDING",))

    [chunk] = chunks(options, release, lines_of(options, release))

    assert {record[field.name] for record in chunk["RECORDING"]} == {expected}


@pytest.mark.parametrize("base", [date(2020, 3, 1), date(2025, 6, 30), date(2026, 12, 31)])
def test_any_base_date_gives_a_whole_chain(base: date) -> None:
    options = SampleOptions(projects=40, base_date=base, datasets=("CONTRACT_PERFORMANCE",))
    release = load_release("2.0.0")

    made = list(chunks(options, release, lines_of(options, release)))

    signed = [record["CONTRACT_SIGN_TIME"] or "" for chunk in made for record in chunk["CONTRACT_PERFORMANCE"]]
    assert f"{base - timedelta(days=400):%Y%m%d}" < min(signed) <= max(signed) <= f"{base:%Y%m%d}"
