"""The engine against an independent oracle: the same rules, row by row, in plain Python without polars.

Random batches are made of good and bad values; compared are the set of (dataset, row, field, rule) and the split.
"""

import random
import re
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import polars as pl
import pytest
from chinese_calendar import is_workday
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric as stdnum_ric
from stdnum.cn import uscc as stdnum_uscc

from exchange_hub.core.clock import SHANGHAI
from validators.chunked import together, validate_chunks
from validators.engine import Context, validate
from validators.lookups import NothingStored

Row = dict[str, Any]
Fault = tuple[str, int, str, str]
SECTIONS = [f"E4101002105250001001{n:03d}" for n in range(1, 5)]
LAST_MOMENT = datetime(2026, 6, 30, 12, 10)  # noqa: DTZ001  Beijing time, as all moments here

# By dataset and field: values to draw from, the good ones first and more often.
POOLS: dict[str, dict[str, tuple[list[str | None], list[str | None]]]] = {
    "PROJECT": {
        "DATA_TYPE": (["1"], ["1", "2", "4", None]),
        "PROJECT_CODE": (
            ["E4101002105250001", "E4101002105250002"],
            ["e4101002105250001", "E41010021052500010", None, " "],
        ),
        "PROJECT_NAME": (
            ["某某大桥工程", "示例\n工程"],
            [None, "\u3000", "-", "十三个字的名称就太长了一点点", "大\x07桥", "ＡＢ工程"],
        ),
        "REGION_CODE": (["410100", None], ["41", "４１０１００", "010100"]),
        "RELATE_CODE": (["0", None], ["1", "2", "１"]),
        "INVEST_PROJECT_CODE": (
            [None, "2020-410100-47-03-012345"],
            ["2020410100470301234567", "2020-410100-47-03-01234X"],
        ),
        "KIND": (["1", None], ["9"]),
        "LEGAL_CODE": (
            ["91350100M000100Y43", None, "-", "91350100M000100Y43;91350100M000100Y43"],
            ["91350100M000100Y44", "M000100Y4", "M000100Y5", "91350100M000100Y43;", "91350100m000100y43"],
        ),
        "OWNER_ID": ([None, "11010519491231002X"], ["110105194912310021", "11010519491231002x", "G1234"]),
        "OWNER_ID_TYPE": (["01", None], ["08"]),
        "CREATE_TIME": (
            ["20260105093000", "20260630121000"],
            ["20260630121001", "20260230000000", "2026", "20260105093060"],
        ),
        "PLATFORM_CODE": (["91410100MA00000007", None], ["91350100M000100Y43"]),
    },
    "SECTION": {
        "DATA_TYPE": (["1"], ["1", "3", ""]),
        "PROJECT_CODE": (["E4101002105250001", "E4101002105250002"], ["E4101002105259999", None, "E41"]),
        "TENDER_PROJECT_CODE": (["E4101002105250001001", None], ["E4101002105250009001", "E4101002105250001"]),
        "BID_SECTION_CODE": ([*SECTIONS, None], ["E4101002105250009001001", "X"]),
        "CONTRACT_RECKON_PRICE": (
            ["1200000.50", None, "-1"],
            ["1e2", "1.1234567", "100000000000000", "3000000000.01", "nan"],
        ),
        "CURRENCY_CODE": (["156"], [None]),
        "PRICE_UNIT": (["0"], ["1", None, "9"]),
        "LIMITE_TIME": (["365", "0", None], ["-20", "12.5", "12345", "１２", "99999999999999999999"]),
        "BEGIN_DATE": (["20260401", None], ["20260431", "2026-04-01"]),
        "IS_TO_LAW": (["1", "0", None], ["true"]),
        "URL": (["https://a.example.cn/x", None], ["a.example.cn", "rtsp://u:p@10.0.0.1/1"]),
    },
    "NOTICE": {
        "DATA_TYPE": (["1"], ["1"]),
        "BID_SECTION_CODES": ([SECTIONS[0], f"{SECTIONS[0]};{SECTIONS[1]}"], [f"{SECTIONS[0]};", "bad", None]),
        "NOTICE_SEND_TIME": (["20260301090000", None], ["20260302090001", "20990101000000", "x"]),
        "DOC_GET_START_TIME": (["20260302090000", None], ["20260327090000"]),
        "DOC_GET_END_TIME": (
            ["20260309170000", None],
            ["20260302090000", "20260301000000", "20260306170000", "20260304170000"],
        ),
        "BID_DOC_REFER_END_TIME": (["20260326090000", None], ["20260326090100", "20260101000000"]),
        "BID_OPEN_TIME": (["20260326090000", None], ["20260326090200", "20261326090200"]),
        "PHONE": (["0371-65500000", None], ["电话"]),
    },
}


# --- the oracle


def blank(value: str | None) -> bool:
    return value is None or value.strip() == ""


def moment(value: str | None) -> datetime | None:
    if blank(value) or not re.fullmatch("(19|20|21)[0-9]{12}", value or ""):
        return None
    try:
        return datetime.strptime(value or "", "%Y%m%d%H%M%S")  # noqa: DTZ007
    except ValueError:
        return None


def working_days(start: datetime, end: datetime) -> int:
    days = (end.date() - start.date()).days
    return sum(is_workday(start.date() + timedelta(days=number)) for number in range(1, days + 1))


def is_uscc(code: str) -> bool:
    form = "[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"
    return bool(re.fullmatch(form, code)) and stdnum_uscc.calc_check_digit(code) == code[-1]


def is_org(code: str) -> bool:
    if not re.fullmatch("[0-9A-Z]{8}-?[0-9X]", code):
        return False
    body, last = code[:8], code[-1]
    total = sum(int(c, 36) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return (total + (10 if last == "X" else int(last))) % 11 == 0


def is_person(code: str) -> bool:
    return bool(re.fullmatch("[0-9]{17}[0-9X]", code)) and stdnum_ric.calc_check_digit(code) == code[-1]


Values = dict[str, Any]
Found = set[tuple[str, str]]


def present(row: Row, dataset: str) -> Values:
    return {name: (None if blank(row[name]) else row[name]) for name in POOLS[dataset]}


def project_faults(row: Row) -> Found:
    value = present(row, "PROJECT")
    return project_names(value) | project_lists(value) | project_parties(value) | project_sending(value)


def project_names(value: Values) -> Found:
    found: Found = set()
    if value["PROJECT_CODE"] is None:
        found.add(("PROJECT_CODE", "PRS-001"))
    elif not re.fullmatch("[A-Z][0-9]{16}", value["PROJECT_CODE"]):
        found.add(("PROJECT_CODE", "IDN-001"))
    name = value["PROJECT_NAME"]
    if name is None:
        found.add(("PROJECT_NAME", "PRS-001"))
    else:
        if len(name) > 12:
            found.add(("PROJECT_NAME", "VAL-007"))
        if "\x07" in name:
            found.add(("PROJECT_NAME", "VAL-012"))
        if name == "-":
            found.add(("PROJECT_NAME", "VAL-013"))
        if any("\uff21" <= c <= "\uff3a" for c in name):
            found.add(("PROJECT_NAME", "VAL-014"))
    return found


def project_lists(value: Values) -> Found:
    found: Found = set()
    region = value["REGION_CODE"]
    if region is not None:
        if not re.fullmatch("[1-9][0-9]{5}", region):
            found.add(("REGION_CODE", "VAL-011"))
        if any("０" <= c <= "９" for c in region):
            found.add(("REGION_CODE", "VAL-014"))
    if value["RELATE_CODE"] not in (None, "0", "1"):
        found.add(("RELATE_CODE", "VAL-009"))
    if value["RELATE_CODE"] == "１":
        found.add(("RELATE_CODE", "VAL-014"))
    invest = value["INVEST_PROJECT_CODE"]
    if value["RELATE_CODE"] == "1" and invest is None:
        found.add(("INVEST_PROJECT_CODE", "CND-002"))
    if invest is not None and len(invest) != 24:
        found.add(("INVEST_PROJECT_CODE", "VAL-006"))
    elif invest is not None and not re.fullmatch("[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}", invest):
        found.add(("INVEST_PROJECT_CODE", "IDN-009"))
    if value["KIND"] not in (None, "1", "2"):
        found.add(("KIND", "VAL-010"))
    return found


def project_parties(value: Values) -> Found:
    found: Found = set()
    legal = value["LEGAL_CODE"]
    if legal not in (None, "-"):
        parts = legal.split(";")
        if not all(is_uscc(part) or is_org(part) for part in parts):
            found.add(("LEGAL_CODE", "IDN-006"))
        if any(is_org(part) for part in parts):
            found.add(("LEGAL_CODE", "IDN-007"))
    owner = value["OWNER_ID"]
    if owner is not None and value["OWNER_ID_TYPE"] == "01" and not is_person(owner):
        found.add(("OWNER_ID", "IDN-008"))
    return found


def project_sending(value: Values) -> Found:
    found: Found = set()
    created = value["CREATE_TIME"]
    if created is not None and moment(created) is None:
        found.add(("CREATE_TIME", "VAL-003"))
    elif created is not None and (moment(created) or LAST_MOMENT) > LAST_MOMENT:
        found.add(("CREATE_TIME", "TIM-005"))
    if value["PLATFORM_CODE"] not in (None, "91410100MA00000007"):
        found.add(("PLATFORM_CODE", "IDN-011"))
    return found


def section_faults(row: Row) -> Found:
    value = present(row, "SECTION")
    return section_codes(value) | section_price(value) | section_rest(value)


def section_codes(value: Values) -> Found:
    found: Found = set()
    forms = {"PROJECT_CODE": 16, "TENDER_PROJECT_CODE": 19, "BID_SECTION_CODE": 22}
    bad: set[str] = set()
    for number, (name, digits) in enumerate(forms.items(), 1):
        if value[name] is not None and not re.fullmatch(f"[A-Z][0-9]{{{digits}}}", value[name]):
            found.add((name, f"IDN-00{number}"))
            bad.add(name)
    if value["PROJECT_CODE"] is None:
        found.add(("PROJECT_CODE", "PRS-001"))
    for shorter, longer in (("PROJECT_CODE", "TENDER_PROJECT_CODE"), ("TENDER_PROJECT_CODE", "BID_SECTION_CODE")):
        sound = not {shorter, longer} & bad and value[shorter] and value[longer]
        if sound and not value[longer].startswith(value[shorter]):
            found.add((longer, "REF-001"))
    return found


def section_price(value: Values) -> Found:
    found: Found = set()
    price = value["CONTRACT_RECKON_PRICE"]
    number_ok = False
    if price is not None:
        if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", price):
            found.add(("CONTRACT_RECKON_PRICE", "VAL-002"))
        elif not re.fullmatch(r"-?[0-9]{1,14}(\.[0-9]{1,6})?", price):
            found.add(("CONTRACT_RECKON_PRICE", "VAL-008"))
        else:
            number_ok = True
    unit = value["PRICE_UNIT"]
    if unit not in (None, "0", "1"):
        found.add(("PRICE_UNIT", "VAL-009"))
    if number_ok:
        if float(price) < 0:
            found.add(("CONTRACT_RECKON_PRICE", "AMT-003"))
        if value["CURRENCY_CODE"] is None:
            found.add(("CURRENCY_CODE", "CND-004"))
        if unit is None:
            found.add(("PRICE_UNIT", "CND-004"))
        if unit in (None, "0", "1") and float(price) * (10_000 if unit == "1" else 1) > 3e9:
            found.add(("CONTRACT_RECKON_PRICE", "AMT-001"))
    return found


def section_rest(value: Values) -> Found:
    found: Found = set()
    days = value["LIMITE_TIME"]
    if days is not None:
        if not re.fullmatch("-?[0-9]+", days) or abs(int(days)) >= 2**63:
            found.add(("LIMITE_TIME", "VAL-001"))
        elif int(days) < 0:
            found.add(("LIMITE_TIME", "VAL-019"))
        if re.fullmatch("-?[0-9]{5,}", days):
            found.add(("LIMITE_TIME", "VAL-007"))
    if value["BEGIN_DATE"] is not None and moment(f"{value['BEGIN_DATE']}000000") is None:
        found.add(("BEGIN_DATE", "VAL-004"))
    if value["IS_TO_LAW"] not in (None, "0", "1"):
        found.add(("IS_TO_LAW", "VAL-005"))
    if value["URL"] is not None and "://" not in value["URL"]:
        found.add(("URL", "IDN-012"))
    if value["URL"] is not None and "@" in value["URL"]:
        found.add(("URL", "IDN-013"))
    return found


def notice_faults(row: Row) -> Found:
    found: Found = set()
    value = present(row, "NOTICE")
    codes = value["BID_SECTION_CODES"]
    if codes is None:
        found.add(("BID_SECTION_CODES", "PRS-001"))
    elif not all(re.fullmatch("[A-Z][0-9]{22}", part) for part in codes.split(";")):
        found.add(("BID_SECTION_CODES", "IDN-003"))
    times = {name: moment(value[name]) for name in value if name.endswith("_TIME")}
    found |= {(name, "VAL-003") for name, read in times.items() if value[name] is not None and read is None}
    if value["PHONE"] == "电话":
        found.add(("PHONE", "IDN-012"))
    return found | notice_order(times)


def notice_order(times: dict[str, datetime | None]) -> Found:
    found: Found = set()
    sent, start, end = times["NOTICE_SEND_TIME"], times["DOC_GET_START_TIME"], times["DOC_GET_END_TIME"]
    deadline, opening = times["BID_DOC_REFER_END_TIME"], times["BID_OPEN_TIME"]
    if start and end and not start < end:
        found.add(("DOC_GET_END_TIME", "TIM-001"))
    if start and end and start < end and (end.date() - start.date()).days < 5:
        found.add(("DOC_GET_END_TIME", "TIM-009" if (end.date() - start.date()).days == 4 else "TIM-008"))
    if sent and start and end and max(sent, start) < end and working_days(sent, end) < 4:
        found.add(("DOC_GET_END_TIME", "TIM-022"))
    if start and deadline and not start < deadline:
        found.add(("BID_DOC_REFER_END_TIME", "TIM-002"))
    if sent and start and sent > start:
        found.add(("NOTICE_SEND_TIME", "TIM-003"))
    if sent and sent > LAST_MOMENT:
        found.add(("NOTICE_SEND_TIME", "TIM-005"))
    if opening and deadline and abs(opening - deadline) > timedelta(minutes=1):
        found.add(("BID_OPEN_TIME", "TIM-007"))
    return found


FIELD_FAULTS = {"PROJECT": project_faults, "SECTION": section_faults, "NOTICE": notice_faults}
UNIQUE = {"PROJECT": ("PROJECT_CODE", "IDN-001"), "SECTION": ("BID_SECTION_CODE", "IDN-003")}
QUERIES = {
    "VAL-010",
    "VAL-013",
    "IDN-007",
    "IDN-012",
    "CND-002",
    "REF-001",
    "REF-009",
    "TIM-007",
    "TIM-008",
    "TIM-009",
    "AMT-001",
    "AMT-003",
    "IDN-009",
    "REF-010",
    "TIM-022",
    "VAL-014",
}


def keys_by(rows: list[Row], name: str) -> dict[str, set[str]]:
    """The keys that hold each value of a field; nothing for no field."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if name and row["DATA_TYPE"] != "3" and not blank(row[name]):
            found.setdefault(row[name], set()).add(row["DATA_KEY"])
    return found


def oracle_faults(batch: dict[str, list[Row]]) -> set[Fault]:
    found: set[Fault] = set()
    for dataset, rows in batch.items():
        name, form = UNIQUE.get(dataset, ("", ""))
        codes = keys_by(rows, name)
        twins = keys_by(rows, "BID_SECTION_CODES" if dataset == "NOTICE" else "")
        for row in rows:
            local: Found = set()
            if row["DATA_TYPE"] == "3":
                local.add(("DATA_KEY", "REF-007"))
            else:
                if row["DATA_TYPE"] not in ("1", "2"):
                    local.add(("DATA_TYPE", "STR-003"))
                if row["DATA_TYPE"] == "2":
                    local.add(("DATA_KEY", "REF-009"))
                local |= FIELD_FAULTS[dataset](row)
                if name and (name, form) not in local and len(codes.get(row[name] or "", ())) > 1:
                    local.add((name, "REF-004"))
                if len(twins.get(row.get("BID_SECTION_CODES") or "", ())) > 1:
                    local.add(("DATA_KEY", "REF-010"))
            found |= {(dataset, row["_row"], field, rule_id) for field, rule_id in local}
    return found


def oracle_split(batch: dict[str, list[Row]], faults: set[Fault]) -> dict[str, Counter[str]]:
    rejected = {(dataset, row) for dataset, row, _, rule_id in faults if rule_id not in QUERIES}
    parents = {
        "SECTION": ("PROJECT_CODE", "PROJECT", "PROJECT_CODE"),
        "NOTICE": ("BID_SECTION_CODES", "SECTION", "BID_SECTION_CODE"),
    }
    accepted_codes: dict[str, set[str]] = {}
    split: dict[str, Counter[str]] = {}
    for dataset in ("PROJECT", "SECTION", "NOTICE"):
        split[dataset] = Counter()
        accepted_codes[dataset] = set()
        for row in batch[dataset]:
            outcome = "rejected" if (dataset, row["_row"]) in rejected else "accepted"
            if outcome == "accepted" and dataset in parents:
                field, parent, _ = parents[dataset]
                wanted = [] if blank(row[field]) else row[field].split(";")
                outcome = "accepted" if set(wanted) <= accepted_codes[parent] else "held"
            split[dataset][outcome] += 1
            own = "PROJECT_CODE" if dataset == "PROJECT" else "BID_SECTION_CODE"
            if outcome == "accepted" and own in row and not blank(row[own]):
                accepted_codes[dataset].add(row[own])
    return split


# --- comparison


def draw_batch(bench: Any, seed: int, fault_share: float) -> dict[str, list[Row]]:
    chance = random.Random(seed)
    batch: dict[str, list[Row]] = {}
    for dataset, pools in POOLS.items():
        rows = []
        for number in range(1, chance.randint(1, 12) + 1):
            row = bench.row(dataset, number)
            for name, (good, bad) in pools.items():
                row[name] = chance.choice(bad if chance.random() < fault_share else good)
            if dataset == "PROJECT" and chance.random() < 0.7:
                row["PROJECT_CODE"] = f"E410100210525{number:04d}"
            if dataset == "SECTION" and chance.random() < 0.7:
                row["BID_SECTION_CODE"] = f"E4101002105250001001{number:03d}"
            rows.append(row)
        batch[dataset] = rows
    return batch


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), fault_share=st.sampled_from([0.0, 0.05, 0.3, 1.0]))
def test_engine_finds_what_the_oracle_finds(shared_bench: Any, seed: int, fault_share: float) -> None:
    batch = draw_batch(shared_bench, seed, fault_share)
    expected = oracle_faults(batch)

    found = shared_bench.run(batch)

    assert set(found.findings.select("dataset", "row", "field", "rule_id").iter_rows()) == expected
    split = oracle_split(batch, expected)
    for dataset in batch:
        counts = split[dataset]
        assert shared_bench.outcome(found, dataset) == (counts["accepted"], counts["rejected"], counts["held"])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), assume=st.booleans())
def test_every_record_ends_in_exactly_one_place(shared_bench: Any, seed: int, assume: bool) -> None:
    batch = draw_batch(shared_bench, seed, 0.3)

    found = shared_bench.run(batch, assume_parents=assume)

    for dataset, rows in batch.items():
        result = found.datasets[dataset]
        places = [frame["_row"].to_list() for frame in (result.accepted, result.rejected, result.held)]
        assert sorted(place for part in places for place in part) == [row["_row"] for row in rows]
        assert result.received == len(rows)
        assert result.flagged <= result.accepted.height


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), fault_share=st.sampled_from([0.05, 0.3, 1.0]))
def test_a_large_batch_is_judged_as_a_small_one(shared_bench: Any, seed: int, fault_share: float) -> None:
    batch = draw_batch(shared_bench, seed, fault_share)
    small = shared_bench.run(batch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("validators.engine.STACKED_ROWS", -1)
        patch.setattr("validators.evaluate.CHUNK_ROWS", 5)
        large = shared_bench.run(batch)

    assert large.findings.equals(small.findings)
    for dataset in batch:
        one, other = large.datasets[dataset], small.datasets[dataset]
        assert one.accepted.equals(other.accepted)
        assert one.rejected.equals(other.rejected)
        assert one.held.equals(other.held)
        assert one.flagged == other.flagged


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), fault_share=st.sampled_from([0.0, 0.3, 1.0]), assume=st.booleans())
def test_chunks_are_judged_as_the_whole(shared_bench: Any, seed: int, fault_share: float, assume: bool) -> None:
    batch = draw_batch(shared_bench, seed, fault_share)
    frames = {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in batch.items()}
    frames = {name: frame.with_columns(pl.exclude("_row").cast(pl.String)) for name, frame in frames.items()}
    context = Context("91410100MA00000007", datetime(2026, 6, 30, 12, tzinfo=SHANGHAI), None, assume)
    whole = validate(frames, shared_bench.release, NothingStored(), context)

    chunks = {name: partial(frame.iter_slices, 3) for name, frame in frames.items()}
    parts = validate_chunks(chunks, shared_bench.release, NothingStored(), context)
    made = together(parts, shared_bench.release)

    assert made.findings.equals(whole.findings)
    for dataset in batch:
        one, other = made.datasets[dataset], whole.datasets[dataset]
        assert one.accepted.equals(other.accepted)
        assert one.rejected.equals(other.rejected)
        assert one.held.equals(other.held)
        assert (one.received, one.flagged) == (other.received, other.flagged)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_order_of_records_changes_nothing(shared_bench: Any, seed: int) -> None:
    batch = draw_batch(shared_bench, seed, 0.3)
    mixed = {name: random.Random(seed).sample(rows, len(rows)) for name, rows in batch.items()}

    one, other = shared_bench.run(batch), shared_bench.run(mixed)

    assert one.findings.equals(other.findings)
    assert [shared_bench.outcome(one, name) for name in batch] == [shared_bench.outcome(other, name) for name in batch]
