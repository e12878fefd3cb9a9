"""Identifiers as expressions against the plain-Python check characters and python-stdnum."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from exchange_hub.core.check_digits import (
    ORG_ALPHABET,
    USCC_ALPHABET,
    org_code_check,
    person_id_check,
    unified_deal_check,
    uscc_check,
)
from validators.identifiers import FORMS, deal_check, matches, org_code, person_id, uscc


def _holds(values: list[str | None], function: object) -> list[bool | None]:
    assert callable(function)
    return pl.DataFrame({"v": pl.Series(values, dtype=pl.String)}).select(function(pl.col("v"))).to_series().to_list()


_USCC17 = st.tuples(
    st.text(USCC_ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(USCC_ALPHABET, min_size=9, max_size=9),
).map("".join)


@given(st.lists(st.tuples(_USCC17, st.sampled_from(USCC_ALPHABET)), min_size=1, max_size=20))
def test_credit_codes_are_judged_as_stdnum_judges_them(pairs: list[tuple[str, str]]) -> None:
    codes = [body + last for body, last in pairs] + [body + uscc_check(body) for body, _ in pairs]

    assert _holds(list(codes), uscc) == [stdnum_uscc.calc_check_digit(code) == code[-1] for code in codes]


@given(st.lists(st.text(max_size=20), max_size=20))
def test_no_text_makes_an_identifier_fail_to_answer(values: list[str]) -> None:
    for function in (uscc, org_code, person_id):
        assert None not in _holds(list(values), function)


@given(st.text(ORG_ALPHABET, min_size=8, max_size=8), st.sampled_from("0123456789X"))
def test_organisation_codes_need_their_check_character(body: str, last: str) -> None:
    assert _holds([body + last], org_code) == [org_code_check(body) == last]


@given(st.integers(0, 10**6), st.sampled_from("0123456789X"))
def test_identity_numbers_need_their_check_character(number: int, last: str) -> None:
    first17 = f"41010019900101{number % 1000:03d}"

    assert _holds([first17 + last], person_id) == [person_id_check(first17) == last]


@given(_USCC17, st.integers(0, 999999), st.sampled_from(ORG_ALPHABET + "*"))
def test_deal_codes_need_their_check_character(body: str, serial: int, last: str) -> None:
    parts = ("A01", body + uscc_check(body), "20260101", f"{serial:06d}")

    assert _holds(["-".join((*parts, last))], deal_check) == [unified_deal_check("".join(parts)) == last]


@pytest.mark.parametrize("function", [uscc, org_code, person_id, deal_check])
def test_absent_value_is_not_applicable(function: object) -> None:
    assert _holds([None], function) == [None]


@pytest.mark.parametrize("name", sorted(set(FORMS) - {"url"}))
def test_forms_refuse_full_width_digits_and_line_ends(name: str) -> None:
    good = {
        "project_code": "E4101002105250001",
        "tender_project_code": "E4101002105250001001",
        "section_code": "E4101002105250001001001",
        "unified_deal_code": "A01-91350100M000100Y43-20210525-000012-T",
        "invest_project_code": "2020-410100-47-03-012345",
        "region_code": "410100",
        "email": "name@example.cn",
        "phone": "0371-65500000",
    }[name]
    wide = good.translate(str.maketrans("0123456789ae", "０１２３４５６７８９ａｅ"))

    assert _holds([good, good + "\n", wide], lambda text: matches(text, FORMS[name])) == [True, False, False]
